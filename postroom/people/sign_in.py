"""Sign-in by django-allauth, narrowed to what a council needs."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: a system administrator adds people."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
