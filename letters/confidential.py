"""Who is shown the address of a letter when it is confidential (CLS-5): those who must use it for this very letter.

The case's allocated worker, TM and deputy TM of its office; admin of the letter's office until it is posted and on the
case record; whoever may check or pp it while it waits for that;
whoever may carry it by hand once it is in its envelope; whoever checked or signed it. Everybody else who reads
the letter finds "Confidential address" in its place, and no PDF, page picture, draft, receipt or paper form, which may
bear it. Decision 0031.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from letters.models import Letter, LetterVersion
from letters.states import State
from letters.ways import Way
from postroom.cases.access import kept_from
from postroom.cases.confidential import HIDDEN, lines_for, looked, masked, may_see_confidential
from postroom.cases.models import Address
from postroom.cases.names import address_traces, compact
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.people.roles import SOCIAL_WORK_ROLES, Role

NOT_SHOWN = "[Not shown here: these words say the confidential address that the letter goes to.]"
PP_ROLES = (Role.DUTY_WORKER, Role.ADVANCED_PRACTITIONER, Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER)
AT_DESK = (State.DRAFTED, State.TYPED, State.WORKER_CHECKED, State.SIGNED, State.ENVELOPED)
TO_CHECK = (State.TYPED, State.WORKER_CHECKED)


class Sight:
    """What one person may see of one letter's addresses. Asks the database only where an address is confidential."""

    def __init__(self, letter: Letter, user: User, authority: Authority) -> None:
        self._letter, self._user, self._authority = letter, user, authority
        self._case: bool | None = None
        self._uses: bool | None = None

    @property
    def of_case(self) -> bool:
        """May this person be shown every confidential address of the case?"""
        if self._case is None:
            self._case = may_see_confidential(self._letter.case, self._user, self._authority)
        return self._case

    @property
    def uses_letter(self) -> bool:
        """Must this person use the address that this letter goes to?"""
        if self._uses is None:
            self._uses = uses_address(self._letter, self._user, self._authority)
        return self._uses

    def sees(self, address: Address) -> bool:
        """Is an address that this letter goes, or went in another version, shown to this person?"""
        return not address.is_confidential or self.of_case or self.uses_letter

    def may_choose(self, address: Address) -> bool:
        """Is another address of the addressee offered to this person? A confidential one only if they may see it."""
        own = address.pk == self._letter.address_id
        return not address.is_confidential or self.of_case or (own and self.uses_letter)

    def lines(self, address: Address) -> list[str]:
        """The lines, or what stands in their place."""
        return lines_for(address, may_see=self.sees(address))

    def content(self, version: LetterVersion) -> dict[str, Any]:
        """A version's content as plain data, its address in place of the real one where it isn't shown."""
        content = version.as_content
        if not self.sees(version.address):
            for name, value in content.items():
                content[name] = self.words(value, version.address) if isinstance(value, str) else value
            content["address_lines"] = [masked(version.address)]
        return content

    def words(self, text: str, address: Address | None = None) -> str:
        """What somebody wrote; what stands in its place where it says the letter's address, and that isn't shown."""
        address = address or self._letter.address
        if not text or self.sees(address):
            return text
        squeezed = compact(text)
        return NOT_SHOWN if any(trace in squeezed for trace in address_traces(address.line_list)) else text

    def hide(self, rows: Iterable[Any], *names: str) -> None:
        """On each row, for this page alone: `words` of what these of its fields say."""
        for row in rows:
            for name in names:
                setattr(row, name, self.words(getattr(row, name)))

    def place(self, place: str) -> str:
        """Where the letter was put into its addressee's hands: it may be where they live, in whatever words."""
        return place if not place or self.sees(self._letter.address) else HIDDEN.lower()

    def look(self, address: Address) -> None:
        """Record that this person was shown the address, if it is confidential and they were."""
        if address.is_confidential and self.sees(address):
            looked(address, self._user, "letter")


def uses_address(letter: Letter, user: User, authority: Authority) -> bool:
    """Does this person type, check, sign, envelope, post or upload this very letter, as it stands now?"""
    if kept_from(letter.case, user):
        return False
    if user.pk in (letter.checked_by_id, letter.signed_by_id):
        return True
    at_office = authority.at_office(letter.office_id)
    if Role.ADMIN in at_office and (letter.state in AT_DESK or letter.upload_owed):
        return True
    if letter.state == State.ENVELOPED and letter.way == Way.BY_HAND:
        return not at_office.isdisjoint(SOCIAL_WORK_ROLES | {Role.DUTY_WORKER})
    return letter.state in TO_CHECK and not at_office.isdisjoint(PP_ROLES)
