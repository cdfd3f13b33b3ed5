from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "postroom.cases"
    label = "cases"
