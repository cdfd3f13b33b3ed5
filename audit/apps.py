from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The top floor: what is read out of the record and checked against paper."""

    name = "audit"
