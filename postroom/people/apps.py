from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "postroom.people"
    label = "people"
