from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "postroom.files"
    label = "files"
