"""The lists of My work as data: which letters wait in each, for whom, and which page takes the next step.

Each part of a list is one state at some offices, or of somebody's cases, so that an index serves it in the order
shown (what is or will be late first: letters.deadlines) and a page of it costs the same among a thousand letters and a
million.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from letters.deadlines import late_today
from letters.models import Anew, Hold, IcsUpload, IcsWay, LetterPassword, Print, SignatureMedium
from letters.policy import NOT_DELIVERED
from letters.states import State
from letters.ways import BY_ROYAL_MAIL, Way
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.people.roles import SOCIAL_WORK_ROLES, Role

MANAGERS = (Role.ADVANCED_PRACTITIONER, Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER)


@dataclass(frozen=True)
class Viewer:
    """Whose work: the person, and what they may act as now."""

    user: User
    authority: Authority

    def offices(self, *roles: Role) -> Q | None:
        """Letters of the offices where one of `roles` is held; None if there is no such office."""
        ids = self.authority.offices(*roles)
        if not ids:
            return None
        return Q(office_id=ids[0]) if len(ids) == 1 else Q(office_id__in=ids)

    def own_cases(self) -> Q | None:
        """Letters of the cases allocated to this person; None for those who can't be allocated one."""
        return Q(case__allocated_worker=self.user) if self.authority.has(*SOCIAL_WORK_ROLES) else None

    def others_cases(self, *roles: Role) -> Q | None:
        """Letters at those offices whose case is not this person's, and which they didn't type."""
        at = self.offices(*roles)
        if at is None:
            return None
        return at & ~Q(case__allocated_worker=self.user) & ~Q(typed_by=self.user)


BY_EMAIL = Q(way=Way.SECURE_EMAIL)
# Nothing that it bears has changed on the case since it was typed (letters.anew); what has is in lists of its own.
AS_TYPED = Q(anew="")
ON_PAPER = Q(office__post__signature_medium=SignatureMedium.PAPER) & ~BY_EMAIL

Parts = Callable[[Viewer], list[Q] | None]


@dataclass(frozen=True)
class Queue:
    """One list. `parts(viewer)` gives the conditions it is made of, or None if this person has no such list.

    `do` are the words of the link to the next step, `page` its URL name (taking the reference).
    """

    slug: str
    title: str
    do: str
    page: str
    parts: Parts
    # Things to do are counted as waiting; others are for information.
    is_work: bool = True


def _printed() -> Q:
    """A print of this very version whose sheets are not void."""
    prints = Print.objects.filter(letter=OuterRef("pk"), version=OuterRef("current_id"))
    return Q(Exists(prints.exclude(came_out=False)))


def can_be_signed() -> Q:
    """There is something to sign: the screen, or a print of this very version."""
    return ~ON_PAPER | _printed()


def _admin(*conditions: Q) -> Parts:
    """At the offices where the person is admin."""

    def parts(viewer: Viewer) -> list[Q] | None:
        at = viewer.offices(Role.ADMIN)
        return None if at is None else [at & condition for condition in conditions]

    return parts


def _own(*conditions: Q) -> Parts:
    """Of the person's own cases."""

    def parts(viewer: Viewer) -> list[Q] | None:
        own = viewer.own_cases()
        return None if own is None else [own & condition for condition in conditions]

    return parts


def _to_check(viewer: Viewer) -> list[Q] | None:
    own = viewer.own_cases()
    if own is None:
        return None
    mine = own & AS_TYPED & ~Q(typed_by=viewer.user)
    return [mine & Q(state=State.TYPED), mine & Q(state=State.WORKER_CHECKED) & ~Q(checked_by=viewer.user)]


def _to_sign(viewer: Viewer) -> list[Q] | None:
    own = viewer.own_cases()
    if own is None:
        return None
    return [own & AS_TYPED & Q(state=State.WORKER_CHECKED, checked_by=viewer.user) & can_be_signed()]


def _check_stands(viewer: Viewer) -> Q:
    """The allocated worker's check, which whoever pp's relies on, or this person's own."""
    return Q(checked_by=F("case__allocated_worker")) | Q(checked_by=viewer.user)


def _for_others(*roles: Role, state: State, late: bool) -> Parts:
    """Letters of colleagues' cases that this person could check or pp: all while on duty, else the late ones."""

    def parts(viewer: Viewer) -> list[Q] | None:
        others = viewer.others_cases(*roles)
        if others is None:
            return None
        waiting = others & AS_TYPED & Q(state=state)
        if late:
            waiting &= Q(late_at__lt=late_today(timezone.now()))
        if state == State.WORKER_CHECKED:
            return [waiting & _check_stands(viewer) & can_be_signed()]
        return [waiting]

    return parts


def _to_envelope(viewer: Viewer) -> list[Q] | None:
    at = viewer.offices(Role.ADMIN)
    return (
        None
        if at is None
        else [at & AS_TYPED & Q(state=State.SIGNED, sheets_in_hand=True) & ~BY_EMAIL & ~Q(signed_by=viewer.user)]
    )


def _to_confirm(viewer: Viewer) -> list[Q] | None:
    at = viewer.offices(Role.ADMIN)
    if at is None:
        return None
    on_paper = Q(state=State.SIGNED, sheets_in_hand=False, signature_medium=SignatureMedium.PAPER)
    return [at & AS_TYPED & on_paper & ~Q(signed_by=viewer.user)]


def _under_way(viewer: Viewer) -> list[Q] | None:
    """The person's letters that somebody else has to bring on: one checked and not printed waits for admin too."""
    own = viewer.own_cases()
    if own is None:
        return None
    checked = Q(state=State.WORKER_CHECKED, checked_by=viewer.user) & ~can_be_signed()
    states = (State.DRAFTED, State.POSTED, State.HANDED_OVER, State.EMAILED)
    elsewhere = [Q(state=state) for state in states]
    elsewhere.append(Q(state=State.SIGNED) & (~BY_EMAIL | Q(sending=True)))
    with_another = Q(carried_by__isnull=False) & ~Q(carried_by=viewer.user)
    elsewhere.append(Q(state=State.ENVELOPED) & (~Q(way=Way.BY_HAND) | with_another))
    return [own & condition for condition in (*elsewhere, checked)]


def _held_after_carrying() -> Q:
    held = Hold.objects.filter(letter=OuterRef("pk"), set_by__startswith=NOT_DELIVERED, released_at__isnull=True)
    return Q(Exists(held))


def _with_oneself(*conditions: Q) -> Parts:
    """What the person has taken out to deliver by hand, whosesoever the case is by now."""

    def parts(viewer: Viewer) -> list[Q] | None:
        if not viewer.authority.has(*SOCIAL_WORK_ROLES):
            return None
        return [Q(state=State.ENVELOPED, carried_by=viewer.user) & condition for condition in conditions]

    return parts


_TO_EMAIL = Q(state=State.SIGNED, sending=False) & BY_EMAIL & AS_TYPED


def _to_call(viewer: Viewer) -> list[Q] | None:
    """Sent, and its reader can't open it yet."""
    own = viewer.own_cases()
    waiting = LetterPassword.objects.filter(letter=OuterRef("pk"), send=OuterRef("sends"), given_at__isnull=True)
    if own is None:
        return None
    return [
        own & Q(state=state, addressee__is_active=True) & BY_EMAIL & Q(Exists(waiting))
        for state in (State.EMAILED, State.UPLOADED)
    ]


def _to_decide(viewer: Viewer) -> list[Q] | None:
    at = viewer.offices(Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER)
    return None if at is None else [at & Q(state=State.ENVELOPED, way=Way.BY_HAND) & _held_after_carrying()]


def _to_upload(viewer: Viewer) -> list[Q] | None:
    """What has gone, but for what Postroom is just bringing to ICS itself: that is work once it fails or is late."""
    at = viewer.offices(Role.ADMIN)
    if at is None:
        return None
    under_way = IcsUpload.objects.filter(letter=OuterRef("pk"), done_at__isnull=True, error="").exclude(
        way=IcsWay.MANUAL
    )
    waits = at & (~Q(Exists(under_way)) | Q(late_at__lt=late_today(timezone.now())))
    gone = (
        *(Q(state=state) for state in (State.POSTED, State.HANDED_OVER, State.EMAILED)),
        Q(state=State.RETURNED, uploaded_at__isnull=True),
    )
    return [waits & condition for condition in gone]


# As the index of them has it, or the database would read through all that is done.
REGISTERED_UNPROVED = Q(way=Way.REGISTERED_POST, delivered_at__isnull=True, posted_on__isnull=False)

_OPEN = (State.TYPED, State.WORKER_CHECKED, State.SIGNED)
_IN_TRAY = AS_TYPED & Q(state=State.ENVELOPED)
_TO_TYPE = Q(state=State.DRAFTED) & ~Q(anew=Anew.TAKE_OUT)
# Their worker's first, wherever they stand; out of an envelope admin takes them.
_WORKERS = tuple(Q(state=state, anew__in=[Anew.TAKE_OUT, Anew.ADDRESS]) for state in (State.DRAFTED, *_OPEN))

QUEUES: tuple[Queue, ...] = (
    Queue("check", "To check", "Check", "letters:check", _to_check),
    Queue("sign", "To sign", "Sign", "letters:sign", _to_sign),
    Queue(
        "with-you",
        "With you, to hand over",
        "Record",
        "letters:hand_deliver",
        _with_oneself(AS_TYPED & ~_held_after_carrying()),
    ),
    Queue(
        "bring-back",
        "Still with you, could not be delivered",
        "It is back",
        "letters:bring_back",
        _with_oneself(_held_after_carrying()),
    ),
    Queue(
        "bring-back-changed",
        "Still with you, changed on the case since: bring it back",
        "It is back",
        "letters:bring_back",
        _with_oneself(~AS_TYPED & ~_held_after_carrying()),
    ),
    Queue(
        "carry",
        "To deliver by hand",
        "Take it out",
        "letters:take_out",
        _own(Q(state=State.ENVELOPED, way=Way.BY_HAND, carried_by__isnull=True) & AS_TYPED & ~_held_after_carrying()),
    ),
    Queue(
        "carry-again",
        "Could not be delivered by hand, to decide",
        "Decide",
        "letters:carry_again",
        _to_decide,
    ),
    Queue("see-to-it", "Can't go as the case stands now: see to it", "See", "letters:letter", _own(*_WORKERS)),
    Queue("email", "To send by secure e-mail", "Send", "letters:send_email", _own(_TO_EMAIL)),
    Queue(
        "email-uncertain",
        "Uncertain whether the e-mail left",
        "Decide",
        "letters:decide_email",
        _own(Q(state=State.UNCERTAIN)),
    ),
    Queue("password", "Password to read out", "Call", "letters:password", _to_call),
    Queue(
        "email-came-back",
        "E-mail came back undelivered",
        "See",
        "letters:letter",
        _own(Q(state=State.RETURNED, emailed_on__isnull=False, addressee__email=F("email"))),
    ),
    Queue(
        "came-back",
        "Came back undelivered, address in doubt",
        "See",
        "letters:letter",
        _own(Q(state=State.RETURNED, address__in_doubt=True, address__retired_at__isnull=True)),
    ),
    Queue(
        "duty-pp",
        "On duty: to sign for others (pp)",
        "Sign pp",
        "letters:pp",
        _for_others(Role.DUTY_WORKER, state=State.WORKER_CHECKED, late=False),
    ),
    Queue(
        "duty-check",
        "On duty: to check for others",
        "Check",
        "letters:check",
        _for_others(Role.DUTY_WORKER, state=State.TYPED, late=False),
    ),
    Queue(
        "late-pp",
        "Waiting too long for their worker to sign",
        "Sign pp",
        "letters:pp",
        _for_others(*MANAGERS, state=State.WORKER_CHECKED, late=True),
    ),
    Queue(
        "late-check",
        "Waiting too long for their worker to check",
        "Check",
        "letters:check",
        _for_others(*MANAGERS, state=State.TYPED, late=True),
    ),
    Queue(
        "sent-back",
        "Sent back to type again",
        "Type",
        "letters:type",
        _admin(_TO_TYPE & Q(current__isnull=False)),
    ),
    Queue(
        "anew",
        "Changed on the case since: to type again",
        "Type again",
        "letters:type",
        _admin(*(Q(state=state, anew=Anew.TYPE) for state in _OPEN)),
    ),
    Queue(
        "open-again",
        "In its envelope, changed on the case since: to open again",
        "Open again",
        "letters:reopen",
        _admin(Q(state=State.ENVELOPED, carried_by__isnull=True) & ~AS_TYPED),
    ),
    Queue("type", "To type", "Type", "letters:type", _admin(_TO_TYPE & Q(current__isnull=True))),
    Queue(
        "print",
        "To print",
        "Print",
        "letters:print",
        _admin(
            AS_TYPED & ON_PAPER & Q(state=State.TYPED) & ~_printed(),
            AS_TYPED & ON_PAPER & Q(state=State.WORKER_CHECKED) & ~_printed(),
            AS_TYPED & Q(state=State.SIGNED, sheets_in_hand=False, signature_medium=SignatureMedium.SCREEN) & ~BY_EMAIL,
        ),
    ),
    Queue("confirm", "Signed on paper, to confirm", "Confirm", "letters:confirm_signature", _to_confirm),
    Queue("envelope", "Ready for the envelope", "Envelope", "letters:envelope", _to_envelope),
    Queue(
        "post",
        "Ready to post",
        "Post",
        "letters:post",
        _admin(AS_TYPED & Q(state=State.ENVELOPED, way__in=BY_ROYAL_MAIL)),
    ),
    Queue(
        "reception",
        "To be collected at reception",
        "Give out",
        "letters:give_at_reception",
        _admin(_IN_TRAY & Q(way=Way.COLLECTED)),
    ),
    Queue(
        "proof",
        "Registered post without its proof of delivery",
        "Record",
        "letters:confirm_delivery",
        _admin(*(Q(state=s) & REGISTERED_UNPROVED for s in (State.POSTED, State.UPLOADED))),
    ),
    Queue(
        "upload",
        "To upload to ICS",
        "Upload",
        "letters:upload",
        _to_upload,
    ),
    Queue(
        "with-others",
        "Your letters under way",
        "See",
        "letters:letter",
        _under_way,
        is_work=False,
    ),
)
BY_SLUG: dict[str, Queue] = {queue.slug: queue for queue in QUEUES}
