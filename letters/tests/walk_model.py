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
class Sheets:
    """One print: of which content, whether of the PDF signed on screen, and whether it came out (None: unsaid)."""

    content: int
    signed: bool
    whole: bool | None = None


# What the mail server does with an e-mail that is as it should be (tests.support.smtp), and the steps that come of it.
ANSWERS: dict[str, tuple[str, ...]] = {
    "up": ("attempt", "mark_sent"),
    "busy": ("attempt", "mark_not_sent"),
    "dropped_at_rcpt": (),
    "refusing_data": ("attempt", "fail"),
    "refusing_rcpt": ("fail",),
    "dropped_after_data": ("attempt",),
}
ARRIVES = ("up", "dropped_after_data")
TRIES = 6  # what the server puts off so often, a person looks at


@dataclass
class Model:
    """What the policy knows of one letter. Contents are tokens: a new one at each typing."""

    state: str = "drafted"
    content: int = 0
    typed_by: str = ""
    checked: tuple[str, int] | None = None
    signed: tuple[str, int] | None = None
    in_hand: bool = False
    medium: str = ""  # of the signature that stands
    prints: list[Sheets] = field(default_factory=list)
    uploaded: bool = False
    way: str = "post"
    writable: bool = False  # its office may write to its addressee by secure e-mail
    sending: bool = False
    tries: int = 0  # of the e-mail that was asked for last
    password: bool = False  # made for it, and nobody gave it yet
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
    def next_way(self) -> str:
        """What `choose_way` chooses for it on the walk: each way in turn."""
        return "secure_email" if self.writable and self.way == "collected" else NEXT_WAY[self.way]

    @property
    def way_is_shut(self) -> bool:
        """May it not go the next way? What could not be delivered by hand is never sent instead; by e-mail goes only
        what was signed on screen."""
        sent_instead = self.failed and self.next_way not in ("by_hand", "collected")
        return sent_instead or (self.next_way == "secure_email" and self.medium == "paper")

    @property
    def sheets(self) -> list[Sheets]:
        """Its prints as it stands now."""
        return [one for one in self.prints if one.content == self.content]

    @property
    def check_stands(self) -> bool:
        return self.checked is not None and self.checked[1] == self.content

    def guards_hold(self, action: str) -> bool:
        """Does all hold that the step asks beside the person?"""
        by_email, on_screen = self.way == "secure_email", self.medium == "screen"
        printed = any(one.whole is not False for one in self.sheets)
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
            "signed_on_paper": self.medium == "paper",
            "print_to_sign": by_email or printed,
            "printed": printed,
            "not_held": not self.held,
            "route_open": True,
            "abroad_allowed": True,
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
            "print_unsaid": any(one.whole is None for one in self.sheets),
            "goes_on_paper": not by_email,
            "by_email": by_email,
            "whole_on_screen": on_screen and not self.braille,
            "email_allowed": self.writable,
            "not_sending": not self.sending,
            "password_owed": by_email and self.password,
        }
        return all(holds[guard] for guard in MUST_HOLD.get(action, ()))

    def move(self, action: str, who: str, town: Town) -> None:
        """What the step does to this letter."""
        self.state = WHERE_TO[action][self.state]
        match action:
            case "type" | "edit_after_check":
                self.content += 1
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
                self.medium = "screen" if self.way == "secure_email" else "paper"
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
                signed = self.state == "signed" and self.medium == "screen"
                for one in self.sheets:
                    if one.signed == signed and one.whole is None:
                        one.whole = False
                self.prints.append(Sheets(self.content, signed))
                self.in_hand = self.in_hand or signed
            case "void_print" | "confirm_print":
                last = [one for one in self.sheets if one.whole is None][-1]
                last.whole = action == "confirm_print"
                of_its_kind = [one for one in self.sheets if one.signed == (self.medium == "screen")]
                if action == "void_print" and all(one.whole is False for one in of_its_kind):
                    self.in_hand = False
            case _:
                self.say()

    def say(self) -> None:
        """Somebody has seen that what was printed came out."""
        for one in self.sheets:
            if one.whole is None:
                one.whole = True

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
                self.way, self.sending = self.next_way, False
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
            case _:
                self.move_email(action)

    def move_email(self, action: str) -> None:
        match action:
            case "send_email":
                self.sending = self.password = True
                self.tries = 0
            case "mark_sent" | "decide_sent" | "fail" | "bounce":
                self.sending = False
            case "decide_not_sent":
                self.sending = True
            case "give_password":
                self.password = False

    def carried(self, answer: str) -> tuple[str, ...]:
        """The steps that come of it when the outbox takes its e-mail to a server that answers so."""
        self.tries += 1
        if not self.guards_hold("attempt"):
            return ("fail",)
        if self.tries >= TRIES and answer in ("busy", "dropped_at_rcpt"):
            return ("attempt", "fail") if answer == "busy" else ("fail",)
        return ANSWERS[answer]

    def void(self) -> None:
        self.checked = self.signed = None
        self.in_hand = self.sending = False
        self.medium = ""
