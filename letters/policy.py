"""Who may do which action on this letter, at this moment. `check_action` raises, `can` is its boolean twin.

The rules themselves are data in `letters.permissions`; here the facts are read that the conditions speak of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from contextlib import suppress

from django.utils import timezone

from letters.abroad import abroad_is_allowed
from letters.completed import children_owed
from letters.content import lines_are_current
from letters.copies import copies_may_know
from letters.formats import MADE
from letters.models import (
    Hold,
    Letter,
    LetterPassword,
    MadeInFormat,
    NamedOther,
    OfficeMail,
    OfficePost,
    Print,
    Printer,
    Signature,
    SignatureMedium,
    why_not_emailed,
)
from letters.permissions import RULES, Condition
from letters.printers import measured_printers, standing
from letters.routes import Recipient, Route
from letters.shared import text_check_of
from letters.states import Guard
from letters.ways import BY_ROYAL_MAIL, Keeping, Way, is_kept, route_of_letter
from postroom.cases.access import Kept, kept_from
from postroom.cases.models import Address, CasePerson
from postroom.people.actions.office_changes import in_force
from postroom.people.authority import Authority, authority_of
from postroom.people.models import User
from postroom.people.roles import OFFICE_ROLES, SOCIAL_WORK_ROLES, Role
from postroom.steps.engine import Standing, moment
from postroom.steps.errors import GuardFailed, NotAllowed, NotPossible, StepError
from postroom.steps.table import Grant


def standing_of(letter: Letter, user: User, authority: Authority, *, kept: Kept | None = None) -> Standing:
    """The person's roles towards this letter and the conditions that hold. One query: is the case kept from them? None
    if the caller knows (`kept`). One more for a letter that was handed over together with others.

    Somebody who isn't named on a restricted case, or is barred from it, has no part in its letters.
    `worker` is held by the allocated worker, whatever roles they were granted, and, for what became of it alone, by a
    social worker who has the letter with them; roles of an office count at the letter's own office; the system
    administrator has no part in letters (no row names the role).
    """
    kept = kept_from(letter.case, user) if kept is None else kept
    at_office = frozenset() if kept else authority.at_office(letter.office_id)
    allocated = not kept and letter.case.allocated_worker_id == user.pk and authority.has(*SOCIAL_WORK_ROLES)
    roles = at_office - {Role.WORKER}
    words = {role: authority.how(role, letter.office_id) for role in roles}
    holding: set[str] = set()
    if allocated:
        roles |= {Role.WORKER}
        words[Role.WORKER] = "Allocated worker of the case"
        holding.add(Condition.ALLOCATED)
    else:
        holding.add(Condition.NOT_ALLOCATED)
    if not kept and letter.carried_by_id == user.pk and authority.has(*SOCIAL_WORK_ROLES):
        roles |= {Role.WORKER}
        words.setdefault(Role.WORKER, "Has the letter with them")
        holding.add(Condition.CARRIER)
    if at_office & (OFFICE_ROLES | {Role.DUTY_WORKER}):
        holding.add(Condition.IN_OFFICE)
    if letter.typed_by_id != user.pk:
        holding.add(Condition.NOT_TYPIST)
    if text_check_of(letter, user) is not None:
        holding.add(Condition.TEXT_CHECKED)
    if letter.signed_by_id != user.pk:
        holding.add(Condition.NOT_SIGNER)
    check_stands = bool(letter.content_hash) and letter.checked_hash == letter.content_hash
    if check_stands and letter.checked_by_id == user.pk:
        holding |= {Condition.OWN_CHECK, Condition.CHECK_INHERITED}
    elif check_stands and letter.checked_by_id == letter.case.allocated_worker_id:
        holding.add(Condition.CHECK_INHERITED)
    return Standing(frozenset(roles), frozenset(holding), words)


class LetterPolicy:
    """What the engine asks about a letter (steps.engine.Policy). Reads afresh, inside the step's transaction.

    `printer`: the one that a print is sent to; None asks whether the office has any that it may be sent to.
    `address`: the one that the letter is typed for now; None asks about the letter's own.
    """

    def __init__(self, printer: Printer | None = None, address: Address | None = None) -> None:
        self._printer = printer
        self._address = address

    def standing(self, subject: Letter, user: User, at: dt.datetime) -> Standing:
        fresh = User.objects.get(pk=user.pk)
        return standing_of(subject, fresh, authority_of(fresh, at))

    def failed_guards(self, subject: Letter, guards: Collection[str]) -> list[str]:
        return [guard for guard in guards if not self._holds(subject, Guard(guard))]

    def _holds(self, letter: Letter, guard: Guard) -> bool:
        if guard == Guard.PRINTER_MEASURED and self._printer is not None:
            return may_print_on(letter, self._printer)
        if guard == Guard.ADDRESS_CURRENT and self._address is not None:
            return may_go_to(letter, Address.objects.select_related("person").get(pk=self._address.pk))
        return _GUARDS[guard](letter)


def _is_printed(letter: Letter) -> bool:
    """There is a print of this version whose sheets are not void."""
    prints = Print.objects.filter(letter=letter, version_id=letter.current_id)
    return prints.exclude(came_out=False).exists()


def letterhead_is_in_force(letter: Letter) -> bool:
    """Does the version bear its office's details as they are in force today? (Not the council's name and colour.)"""
    bears = letter.typed_version.as_content["letterhead"]
    office = in_force(letter.office)
    now = [office.letterhead or office.name, office.address_lines, office.phone, office.email, office.name]
    under = letter.typed_version.as_content["signatory_office"]
    return [bears["office"], list(bears["address_lines"]), bears["phone"], bears["email"], under or office.name] == now


def names_are_said(letter: Letter) -> bool:
    """Has its worker said of everybody else named in its words that it may name them? One query."""
    return not NamedOther.objects.filter(version_id=letter.current_id, said_at__isnull=True).exists()


def format_owed(letter: Letter) -> bool:
    """Has its version still to be made in the addressee's format? One query for such a format, otherwise none."""
    if letter.letter_format not in MADE:
        return False
    made = MadeInFormat.objects.filter(version_id=letter.current_id, letter_format=letter.letter_format)
    return not made.exists()


def _is_print_unsaid(letter: Letter) -> bool:
    prints = Print.objects.filter(letter=letter, version_id=letter.current_id)
    return prints.filter(came_out__isnull=True).exists()


def may_print_on(letter: Letter, printer: Printer) -> bool:
    """Is it a printer of the letter's office, in use, and measured for the envelope that this version is made for?"""
    version = letter.typed_version
    now = Printer.objects.filter(pk=printer.pk, office_id=letter.office_id, is_active=True).first()
    return now is not None and standing(now, version.stock, version.stock_figures).may_print


def signs_on_paper(letter: Letter) -> bool:
    """Is it signed on paper, as its office chose? What goes by e-mail is signed on screen everywhere."""
    if letter.way == Way.SECURE_EMAIL:
        return False
    medium = OfficePost.objects.filter(office_id=letter.office_id).values_list("signature_medium", flat=True).first()
    return medium != SignatureMedium.SCREEN


def address_is_current(letter: Letter) -> bool:
    """Is the address that this letter was made for still one it may go to? (CLS-6, "a change voids what was prepared")

    The version was made for the letter's own address row, and the letter may go there (`may_go_to`).
    """
    made_for = letter.current.address_id if letter.current_id else letter.address_id  # type: ignore[union-attr]
    return made_for == letter.address_id and may_go_to(letter, letter.address)


def may_go_to(letter: Letter, address: Address) -> bool:
    """May the letter go to this address? It is verified, not in doubt and not retired, and its person still on the
    letter's case. By Royal Mail: post is safe for them and to there, and they have a fixed abode.
    """
    person = address.person
    return (
        address.is_usable
        and not (letter.way in BY_ROYAL_MAIL and address.why_not_by_post)
        and person.pk == letter.addressee_id
        and person.case_id == letter.case_id
        and person.is_active
    )


def route_now(letter: Letter, way: Way | None = None) -> Route:
    """What the policy says of the letter's way (or of `way` for it), asked anew: mark and office's rule can change."""
    family = letter.addressee.is_family
    post = OfficePost.objects.filter(office_id=letter.office_id).first()
    kept = is_kept(post.keeping if post else Keeping.MARKED, family=family, marked=letter.sensitive)
    by_email = post is not None and post.letters_by_email_on(timezone.localdate())
    # In area or out makes no difference to a letter (all of its rows are the same); it does to minutes, above.
    recipient = Recipient.FAMILY_IN_AREA if family else Recipient.PROFESSIONAL
    return route_of_letter(way or Way(letter.way), recipient, sensitive=kept, by_email=by_email)


def email_refused(letter: Letter, email: str) -> str:
    """Why the letter's office may not write to this e-mail address, in a sentence; "" if it may (CLS-6)."""
    if letter.addressee.is_family:  # a case keeps no e-mail address of theirs: there is none to add
        return "Letters go by secure e-mail to professionals alone. Choose another way for family."
    return why_not_emailed(OfficeMail.objects.filter(office_id=letter.office_id).first(), email)


def open_to_by_email(office_id: int, people: Collection[CasePerson]) -> list[CasePerson]:
    """Those of `people` to whom this office may write a letter by secure e-mail today: it has that on, and the address
    lies in a domain of its list. At most two queries. The step asks again, for the letter itself."""
    post = OfficePost.objects.filter(office_id=office_id).first()
    if post is None or not post.letters_by_email_on(timezone.localdate()):
        return []
    mail = OfficeMail.objects.filter(office_id=office_id).first()

    def is_open(person: CasePerson) -> bool:
        kept = is_kept(post.keeping, family=person.is_family, marked=False)
        recipient = Recipient.FAMILY_IN_AREA if person.is_family else Recipient.PROFESSIONAL
        route = route_of_letter(Way.SECURE_EMAIL, recipient, sensitive=kept, by_email=True)
        return route.is_open() and not why_not_emailed(mail, person.email)

    return [person for person in people if is_open(person)]


def email_is_allowed(letter: Letter) -> bool:
    """Has its addressee, as the case has them now, an address that its office may write to? Once somebody has confirmed
    the right for an address, it is that very one."""
    email = CasePerson.objects.values_list("email", flat=True).get(pk=letter.addressee_id)
    return letter.email in ("", email) and not email_refused(letter, email)


def is_whole_on_screen(letter: Letter) -> bool:
    """Is all that its addressee gets in the PDF that was signed on screen?"""
    if letter.signature_medium != SignatureMedium.SCREEN or letter.current is None or letter.letter_format in MADE:
        return False
    enclosed = letter.current.as_content.get("enclosures", [])
    signed = Signature.objects.filter(letter=letter, voided_at__isnull=True, pdf__isnull=False)
    return all(item.get("kind") == "file" and not item.get("original") for item in enclosed) and signed.exists()


def password_is_owed(letter: Letter) -> bool:
    """Was it sent, and the password not given yet? Nobody off the case is given one (decision 0187)."""
    waiting = LetterPassword.objects.filter(letter=letter, send=letter.sends, given_at__isnull=True)
    on_case = CasePerson.objects.filter(pk=letter.addressee_id, case_id=letter.case_id, is_active=True)
    return letter.way == Way.SECURE_EMAIL and on_case.exists() and waiting.exists()


# What a delivery by hand that couldn't be made writes as `Hold.set_by`, with the letter's version behind it.
NOT_DELIVERED = "letters/not-delivered-"


def came_back_by_hand(letter: Letter) -> bool:
    """Is it held because a delivery by hand couldn't be made?"""
    held = Hold.objects.filter(letter=letter, set_by__startswith=NOT_DELIVERED, released_at__isnull=True)
    return held.exists()


_GUARDS: dict[Guard, Callable[[Letter], bool]] = {
    Guard.ADDRESS_CURRENT: address_is_current,
    Guard.LINES_CURRENT: lines_are_current,
    Guard.COPIES_MAY_KNOW: copies_may_know,
    Guard.NAMES_UNSAID: lambda letter: not names_are_said(letter),
    Guard.NAMES_SAID: names_are_said,
    Guard.FORMAT_TO_MAKE: lambda letter: letter.letter_format in MADE,
    Guard.FORMAT_MADE: lambda letter: not format_owed(letter),
    Guard.CHECK_STANDS: lambda letter: bool(letter.content_hash) and letter.checked_hash == letter.content_hash,
    Guard.SIGNATURE_STANDS: lambda letter: bool(letter.content_hash) and letter.signed_hash == letter.content_hash,
    Guard.SIGNED_SHEETS_IN_HAND: lambda letter: letter.sheets_in_hand,
    Guard.SIGNED_ON_PAPER: lambda letter: letter.signature_medium == SignatureMedium.PAPER,
    Guard.NOT_HELD: lambda letter: not Hold.objects.filter(letter=letter, released_at__isnull=True).exists(),
    Guard.PRINTED: _is_printed,
    Guard.PRINT_TO_SIGN: lambda letter: not signs_on_paper(letter) or _is_printed(letter),
    Guard.PRINTER_MEASURED: lambda letter: bool(measured_printers(letter.office_id, letter.typed_version)),
    Guard.LETTERHEAD_IN_FORCE: letterhead_is_in_force,
    Guard.PRINT_UNSAID: _is_print_unsaid,
    Guard.UPLOAD_OWED: lambda letter: letter.upload_owed,
    Guard.LAST_CHILD: lambda letter: len(children_owed(letter)) <= 1,
    Guard.MORE_CHILDREN: lambda letter: len(children_owed(letter)) > 1,
    Guard.ROUTE_OPEN: lambda letter: route_now(letter).is_open(),
    Guard.ABROAD_ALLOWED: abroad_is_allowed,
    Guard.BY_ROYAL_MAIL: lambda letter: letter.way in BY_ROYAL_MAIL,
    Guard.BY_HAND: lambda letter: letter.way == Way.BY_HAND,
    Guard.IS_OUT: lambda letter: letter.carried_by_id is not None,
    Guard.NOT_OUT: lambda letter: letter.carried_by_id is None,
    Guard.COLLECTED: lambda letter: letter.way == Way.COLLECTED,
    Guard.REGISTERED: lambda letter: letter.way == Way.REGISTERED_POST,
    Guard.DELIVERY_OPEN: lambda letter: letter.delivered_at is None,
    Guard.CAME_BACK_BY_HAND: came_back_by_hand,
    Guard.DELIVERY_DECIDED: lambda letter: not came_back_by_hand(letter),
    Guard.GOES_ON_PAPER: lambda letter: letter.way != Way.SECURE_EMAIL,
    Guard.BY_EMAIL: lambda letter: letter.way == Way.SECURE_EMAIL,
    Guard.WHOLE_ON_SCREEN: is_whole_on_screen,
    Guard.EMAIL_ALLOWED: email_is_allowed,
    Guard.NOT_SENDING: lambda letter: not letter.sending,
    Guard.PASSWORD_OWED: password_is_owed,
}
POLICY = LetterPolicy()


def check_action(letter: Letter, user: User, action: str, *, authority: Authority | None = None) -> Grant:
    """The grant on which `user` may take `action` on `letter` now, or when it happened on paper (`entered_later`).

    Raises NotAllowed, NotPossible (not in this state) or GuardFailed, each with its sentence. The engine asks all of
    this again inside the step; this is for pages. `authority`: pass it when it was read already for this request.
    """
    authority = authority or authority_of(user, moment())
    standing = standing_of(letter, user, authority)
    decision = RULES.decide(action, standing.roles, standing.holding)
    if not isinstance(decision, Grant):
        raise NotAllowed(RULES.explain(decision))
    row = RULES.transition(action, str(letter.state))
    if row is None:
        raise NotPossible("That step is not possible where this letter stands now.")
    failed = POLICY.failed_guards(letter, row.guards)
    if failed:
        raise GuardFailed(RULES.words[failed[0]], failed[0])
    return decision


def can(letter: Letter, user: User, action: str, *, authority: Authority | None = None) -> bool:
    """Boolean twin of `check_action`."""
    try:
        check_action(letter, user, action, authority=authority)
    except StepError:
        return False
    return True


def may_type(letter: Letter, user: User, action: str) -> None:
    """Like `check_action`, but text may be kept while the address is in doubt: finishing it asks for another."""
    with suppress(GuardFailed):
        check_action(letter, user, action)
