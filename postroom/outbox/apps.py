from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class OutboxConfig(AppConfig):
    """What is owed to the outside. Each app's handlers lie in its `jobs.py`, found here."""

    name = "postroom.outbox"
    label = "outbox"

    def ready(self) -> None:
        """The handlers, and whom people have told."""
        from postroom.outbox.mail import notify
        from postroom.people import hooks

        autodiscover_modules("jobs")
        hooks.on_cover_given.append(
            lambda grant: notify(
                [grant.user_id], "cover_given", grant.user.ledger_subject, "/people/me/", occasion=grant.pk
            )
        )
