from django.apps import AppConfig


class StepsConfig(AppConfig):
    name = "postroom.steps"
    label = "steps"
