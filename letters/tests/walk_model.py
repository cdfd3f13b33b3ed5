"""What the policy knows of a letter on its random walk (test_walk.py), written from the clauses."""

from __future__ import annotations

from dataclasses import dataclass, field

from letters.tests.expected_rules import MUST_HOLD, WHERE_TO, WHO_MAY
from letters.tests.test_product import NEXT_WAY

OFFICE_ROLE = {
    "ap": "advanced_practitioner",
    "deputy": "deputy_team_manager",
    "manager": "team_manager",
    "admin": "admin",
    "other_admin": "admin",
    "jack": "admin",
}


@dataclass
class Town:
    """What the letters have in common: who has the case, who is on duty, which words of a set were confirmed."""

    allocated: str = "worker"
    on_duty: set[str] = field(default_factory=lambda: {"duty"})
    # (set, words, who): confirmed by them for its letters; typed by them on one of these.
    texts: set[tuple[str, str, str]] = field(default_factory=set)
    typists: set[tuple[str, str, str]] = field(default_factory=set)


@dataclass
class Model:
    """What the policy knows of one letter. Contents are tokens: a new one at each typing."""

    state: str = "drafted"
    content: int = 0
    typed_by: str = ""
    checked: tuple[str, int] | None = None
    signed: tuple[str, int] | None = None
    in_hand: bool = False
    printed: set[int] = field(default_factory=set)
    whole: set[int] = field(default_factory=set)  # contents of which somebody said that a print came out
    unsaid: bool = False
    uploaded: bool = False
    way: str = "post"
    held: bool = False
    failed: bool = False
    delivered: bool = False
    locked: bool = False
    out: str = ""  # who has it with them
    asked: list[str] = field(default_factory=list)  # who asked the worker and waits for the answer, oldest first
    children: int = 1  # whose records still lack it
    together: str = ""  # its set, if the same words go to another letter too
    words: str = ""  # what it says: a token that letters of one set share
    naming: bool = False  # its words name all who get one
    twin: Model | None = field(
        default=None, repr=False, compare=False
    )  # the other letter of its set, once there is one
    named: str = ""  # "unsaid" while its worker has still to say that it may name the other; then "said"
    address_good: bool = True
    signatory: str = ""
    braille: bool = False
    made: set[int] = field(default_factory=set)  # contents that were made in Braille

    def allowed(self, who: str, action: str, town: Town) -> bool:
        """May this person take the step, as far as person and letter go?"""
        roles, true = set(), {"office"}
        if who in OFFICE_ROLE:
            roles.add(OFFICE_ROLE[who])
        if who == "jack":
            roles.add("team_manager")
        if who in town.on_duty:
            roles.add("duty_worker")
        if who == "system":
            roles, true = {"system_administrator"}, set()
        if who == town.allocated:
            roles.add("worker")
        if self.out == who:
            roles.add("worker")
            true.add("carrier")
        true |= self.true_of(who, town)
        return any(needs <= true for role, needs in WHO_MAY[action][1].items() if role in roles)

    def true_of(self, who: str, town: Town) -> set[str]:
        """What a right may ask of the person who would use it on this letter."""
        true = {"allocated" if who == town.allocated else "not allocated"}
        if self.typed_by != who:
            true.add("not typist")
        if self.signed is None or self.signed[0] != who:
            true.add("not signer")
        said = (self.together, self.words, who)
        if said in town.texts and said not in town.typists:
            true.add("text checked")
        if self.check_stands:
            assert self.checked
            if self.checked[0] == who:
                true |= {"own check", "check stands"}
            if self.checked[0] == town.allocated:
                true.add("check stands")
        return true

    @property
    def is_open(self) -> bool:
        """Is anything still to be done with it? What came back may still be owed to the case record."""
        return self.state not in ("uploaded", "withdrawn") and not (self.state == "returned" and self.uploaded)

    @property
    def names_another(self) -> bool:
        """Does it name somebody who gets the same? A letter that was withdrawn goes to nobody."""
        return self.naming and self.twin is not None and self.twin.state != "withdrawn"

    @property
    def waits_for_worker(self) -> bool:
        """Would a check have to say first that it may name the other?"""
        return self.named == "unsaid" or (self.names_another and not self.named)

    @property
    def check_stands(self) -> bool:
        return self.checked is not None and self.checked[1] == self.content

    def guards_hold(self, action: str) -> bool:
        """Does all hold that the step asks beside the person?"""
        holds = {
            "address_current": self.address_good,
            "lines_current": True,
            "copies_may_know": True,
            "names_said": self.named != "unsaid",
            "names_unsaid": self.named == "unsaid",
            "format_made": not self.braille or self.content in self.made,
            "format_to_make": self.braille,
            "check_stands": self.check_stands,
            "signature_stands": self.signed is not None and self.signed[1] == self.content,
            "signed_sheets_in_hand": self.in_hand,
            "signed_on_paper": True,
            "print_to_sign": self.content in self.printed,
            "printed": self.content in self.printed,
            "not_held": not self.held,
            "route_open": True,
            "by_royal_mail": self.way in ("post", "registered_post"),
            "by_hand": self.way == "by_hand",
            "is_out": bool(self.out),
            "not_out": not self.out,
            "collected": self.way == "collected",
            "registered": self.way == "registered_post",
            "delivery_open": not self.delivered,
            "came_back_by_hand": self.held,
            "delivery_decided": not self.held,
            "upload_owed": not self.uploaded,
            "last_child": self.children == 1,
            "more_children": self.children > 1,
            "printer_measured": True,
            "letterhead_in_force": True,
            "print_unsaid": self.unsaid,
            # Its office has not turned secure e-mail of letters on.
            "goes_on_paper": True,
            "by_email": False,
            "whole_on_screen": False,
            "email_allowed": False,
            "not_sending": True,
            "password_owed": False,
        }
        return all(holds[guard] for guard in MUST_HOLD.get(action, ()))

    def move(self, action: str, who: str, town: Town) -> None:
        """What the step does to this letter."""
        self.state = WHERE_TO[action][self.state]
        match action:
            case "type" | "edit_after_check":
                self.content += 1
                self.unsaid = False
                self.typed_by, self.signatory = who, town.allocated
                self.words = f"{'typed' if action == 'type' else 'edited'}, signed by {town.allocated}"
                town.typists.add((self.together, self.words, who))
                self.named = "unsaid" if self.names_another else ""
                self.void()
            case "return_for_retyping":
                self.void()
            case "check" | "check_address" | "name_others":
                if self.waits_for_worker:
                    self.named = "said"
                if action != "name_others":
                    self.checked = (who, self.content)
            case "sign" | "pp":
                self.signed, self.in_hand = (who, self.content), False
            case "confirm_signature":
                self.in_hand = True
                self.say()
            case "print" | "confirm_print" | "return_to_worker" | "void_print":
                self.move_print(action)
            case "withdraw":
                self.void()
                self.out = ""
            case _:
                self.move_beside(action, who)

    def move_print(self, action: str) -> None:
        match action:
            case "print":
                self.printed.add(self.content)
                self.unsaid = True
            case "void_print":
                self.unsaid = False
                if self.content not in self.whole:
                    self.printed.discard(self.content)
                    self.in_hand = False
            case _:
                self.say()

    def say(self) -> None:
        """Somebody has seen that the last print came out."""
        if self.unsaid:
            self.whole.add(self.content)
        self.unsaid = False

    def move_beside(self, action: str, who: str) -> None:
        match action:
            case "record_format":
                self.made.add(self.content)
            case "upload" | "upload_child":
                self.uploaded = action == "upload"
                self.children -= action == "upload_child"
            case "ask":
                self.asked.append(who)
            case "answer":
                self.asked.pop(0)
            case _:
                self.move_way(action, who)

    def move_way(self, action: str, who: str) -> None:
        match action:
            case "choose_way":
                self.way = NEXT_WAY[self.way]
            case "not_delivered":
                self.held = self.failed = True
            case "carry_again":
                self.held = False
            case "confirm_delivery":
                self.delivered = True
            case "take_out":
                self.out = who
            case "hand_deliver" | "bring_back":
                self.out = ""
            case "lock_in":
                self.locked = True
            case "reopen":
                self.locked = False

    def void(self) -> None:
        self.checked = self.signed = None
        self.in_hand = False
