from django.apps import AppConfig


class DistributionConfig(AppConfig):
    """Reports and minutes: every document by the only route it may take."""

    name = "distribution"

    def ready(self) -> None:
        """Ask cases to be told when the ground moves; say what is owed outside and what the database must refuse."""
        from distribution import jobs, notices, protection
        from distribution.actions import holding
        from distribution.stored import files_in_use
        from postroom.cases import hooks
        from postroom.files.store import register_users
        from postroom.ledger import triggers

        hooks.on_address_changed.append(lambda address: holding.address_changed(address=address))
        hooks.on_recipient_changed.append(lambda person: holding.recipient_changed(person=person))
        register_users(files_in_use)
        notices.register()
        jobs.register()
        triggers.register(*protection.PROTECTION)
