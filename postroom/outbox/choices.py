"""When somebody gets the e-mails that say it is their turn: at once, each working morning in one, or not at all.

What is urgent comes at once whatever was chosen. Until somebody chooses: what is theirs alone at once; what waits at a
desk that several share, in the morning. Decision 0106.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from postroom.outbox.models import HeldNotice, NoticeChoice, When
from postroom.people.models import User


def choices_of(user_ids: Collection[int]) -> dict[int, str]:
    """What each of these people chose; nobody who hasn't. One query."""
    return dict(NoticeChoice.objects.filter(user_id__in=user_ids).values_list("user_id", "when"))


def choice_of(user: User) -> str:
    """What this person chose; "" if they haven't."""
    return choices_of([user.pk]).get(user.pk, "")


@transaction.atomic
def choose(*, user: User, when: str) -> NoticeChoice:
    """A person's own choice. What was held for the morning goes out now (at once), or is let go (none); it stands on
    My work all the same. Nothing is sent twice, however often it is chosen."""
    from postroom.outbox.mail import send_held

    # Their own row is the lock: two tabs choose one after the other, and no summary is being put together meanwhile.
    User._base_manager.select_for_update(of=("self",)).get(pk=user.pk)
    row, _ = NoticeChoice.objects.update_or_create(
        user=user, defaults={"when": When(when), "changed_at": timezone.now()}
    )
    held = HeldNotice.objects.filter(user=user, settled_at__isnull=True)
    if row.when == When.AT_ONCE:
        for notice in held.order_by("pk"):
            send_held(notice)
    if row.when != When.MORNING:
        held.update(settled_at=timezone.now())
    return row
