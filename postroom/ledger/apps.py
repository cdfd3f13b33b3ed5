from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "postroom.ledger"
    label = "ledger"
