"""manage.py first_administrator EMAIL NAME INITIALS: the one account that can't be added on a screen."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from postroom.people.actions import PersonDetails, add_first_administrator
from postroom.people.errors import PeopleError


class Command(BaseCommand):
    """Adds the first system administrator; refuses once there is one."""

    help = (
        "Add the first system administrator. They set a password by “I have forgotten my password” on the sign-in page."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")
        parser.add_argument("initials")

    def handle(self, *args: Any, **options: Any) -> None:
        details = PersonDetails(name=options["name"], email=options["email"], initials=options["initials"])
        try:
            validate_email(details.email)
            person = add_first_administrator(details=details)
        except ValidationError as error:
            raise CommandError("That is not an e-mail address.") from error
        except PeopleError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{person.name} is system administrator. Set the password by the sign-in page's e-mail link.")
