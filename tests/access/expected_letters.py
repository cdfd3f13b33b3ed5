"""Who may open which page of letters, written by hand from clauses.md ("Who may do what", "Steps back").

A page not listed here is refused to everybody: the test fails for a new address until somebody says who may use it.
Everything is asked of one letter of the office `near`, or of near's own settings. Who isn't named is refused: 403, or
404 where the letter doesn't exist for them.

near.worker     the allocated worker of the letter's case; checks it, and signs it where it is signed already
near.colleague  another social worker of that office, with a case of their own
near.duty       on near's rota now
near.admin      typed the letter, and initialled it where it is in its envelope
near.former     was near's admin until yesterday; near.nobody never had a role
far.*           the same people of another office; the rest hold a role for the whole council
"""

from __future__ import annotations

from dataclasses import dataclass

OFFICE = {"worker", "colleague", "duty", "ap", "deputy", "manager", "admin", "other_admin", "nobody", "former"}
NEAR = {f"near.{who}" for who in OFFICE}
FAR = {f"far.{who}" for who in OFFICE}
WHOLE_COUNCIL = {
    "safeguarding", "district_admin_manager", "information_governance", "assistant_director", "caldicott_guardian",
    "system_administrator",
}  # fmt: skip
EVERYONE = NEAR | FAR | WHOLE_COUNCIL

NEAR_ADMINS = {"near.admin", "near.other_admin"}
NEAR_MANAGERS = {"near.deputy", "near.manager"}
NEAR_STAND_INS = {"near.duty", "near.ap"} | NEAR_MANAGERS
# "read a letter": the allocated worker; admin, AP, deputy TM, TM of its office; the duty worker while on its rota.
READERS = {"near.worker"} | NEAR_STAND_INS | NEAR_ADMINS
# "check address and body": the allocated worker; whoever pp's in their absence.
CHECKERS = {"near.worker"} | NEAR_STAND_INS
# "withdraw (before posting)": the allocated worker, TM, deputy TM.
WITHDRAWERS = {"near.worker"} | NEAR_MANAGERS
BOTH_ADMINS = NEAR_ADMINS | {"far.admin", "far.other_admin"}
BOTH_SOCIAL_WORK = {
    f"{office}.{who}"
    for office in ("near", "far")
    for who in ("worker", "colleague", "duty", "ap", "deputy", "manager")
}
BOTH_DUTY = {"near.duty", "far.duty"}
BOTH_LATE = {f"{office}.{who}" for office in ("near", "far") for who in ("ap", "deputy", "manager")}
BOTH_MANAGERS = {f"{office}.{who}" for office in ("near", "far") for who in ("deputy", "manager")}
TEXT_KEEPERS = BOTH_ADMINS | NEAR_MANAGERS | {"far.deputy", "far.manager"}
STOCK_KEEPERS = {"system_administrator", "district_admin_manager"}

NOT_TAKEN = None  # the page takes no such request from anybody: 405


@dataclass(frozen=True)
class Page:
    """`name` of the address, what it is asked of (`at`: states of the letter; empty: no letter), who GETs, who POSTs.

    A POST is a whole, valid one: for those named it must succeed, for the others nothing may change.
    """

    name: str
    at: tuple[str, ...]
    get: set[str] | None
    post: set[str] | None
    of: str = ""


BEFORE_POSTING = ("drafted", "typed", "worker_checked", "signed", "enveloped")
TYPED_AND_ON = ("typed", "worker_checked", "signed", "enveloped", "posted", "uploaded", "returned")
EVERY_STATE = ("drafted", "withdrawn", "handed_over", *TYPED_AND_ON)

PAGES: tuple[Page, ...] = (
    # Everyone's own page and lists; they hold what each may see, and nothing of others.
    Page("my_work", ("typed",), EVERYONE, NOT_TAKEN),
    Page("notices_seen", ("posted",), NOT_TAKEN, EVERYONE),
    Page("find", ("typed",), EVERYONE, READERS),
    Page("next_check", ("typed",), EVERYONE, NOT_TAKEN),
    Page("queue", ("typed",), BOTH_SOCIAL_WORK, NOT_TAKEN, of="check"),
    Page("queue", ("worker_checked",), BOTH_SOCIAL_WORK, NOT_TAKEN, of="sign"),
    Page("queue", ("returned",), BOTH_SOCIAL_WORK, NOT_TAKEN, of="came-back"),
    Page("queue", ("typed",), BOTH_SOCIAL_WORK, NOT_TAKEN, of="see-to-it"),
    Page("queue", ("typed",), BOTH_ADMINS, NOT_TAKEN, of="anew"),
    Page("queue", ("enveloped",), BOTH_ADMINS, NOT_TAKEN, of="open-again"),
    Page("queue", ("enveloped, out",), BOTH_SOCIAL_WORK, NOT_TAKEN, of="bring-back-changed"),
    Page("queue", ("signed, by email",), BOTH_SOCIAL_WORK, NOT_TAKEN, of="email"),
    Page("queue", ("uncertain",), BOTH_SOCIAL_WORK, NOT_TAKEN, of="email-uncertain"),
    Page("queue", ("emailed",), BOTH_SOCIAL_WORK, NOT_TAKEN, of="password"),
    Page("queue", ("returned, by email",), BOTH_SOCIAL_WORK, NOT_TAKEN, of="email-came-back"),
    Page("queue", ("signed",), BOTH_SOCIAL_WORK, NOT_TAKEN, of="with-others"),
    Page("queue", ("worker_checked",), BOTH_DUTY, NOT_TAKEN, of="duty-pp"),
    Page("queue", ("typed",), BOTH_DUTY, NOT_TAKEN, of="duty-check"),
    Page("queue", ("worker_checked",), BOTH_LATE, NOT_TAKEN, of="late-pp"),
    Page("queue", ("typed",), BOTH_LATE, NOT_TAKEN, of="late-check"),
    Page("queue", ("sent back",), BOTH_ADMINS, NOT_TAKEN, of="sent-back"),
    Page("queue", ("drafted",), BOTH_ADMINS, NOT_TAKEN, of="type"),
    Page("queue", ("typed",), BOTH_ADMINS, NOT_TAKEN, of="print"),
    Page("queue", ("signed, paper not seen",), BOTH_ADMINS, NOT_TAKEN, of="confirm"),
    Page("queue", ("signed",), BOTH_ADMINS, NOT_TAKEN, of="envelope"),
    Page("queue", ("enveloped",), BOTH_ADMINS, NOT_TAKEN, of="post"),
    Page("queue", ("posted",), BOTH_ADMINS, NOT_TAKEN, of="upload"),
    Page("queue", ("enveloped, to collect",), BOTH_ADMINS, NOT_TAKEN, of="reception"),
    Page("queue", ("posted, registered",), BOTH_ADMINS, NOT_TAKEN, of="proof"),
    Page("queue", ("enveloped, by hand",), BOTH_SOCIAL_WORK, NOT_TAKEN, of="carry"),
    Page("queue", ("enveloped, out",), BOTH_SOCIAL_WORK, NOT_TAKEN, of="with-you"),
    Page("queue", ("enveloped, not delivered",), BOTH_SOCIAL_WORK, NOT_TAKEN, of="bring-back"),
    Page("queue", ("enveloped, not delivered",), BOTH_MANAGERS, NOT_TAKEN, of="carry-again"),
    # "hand over a draft": a worker, for the cases allocated to them. The list of one's own cases is open to all.
    Page("new", (), EVERYONE, NOT_TAKEN),
    Page("new_for_case", (), {"near.worker"}, {"near.worker"}),
    # "read a letter"
    Page("letter", EVERY_STATE, READERS, NOT_TAKEN),
    Page("history", EVERY_STATE, READERS, NOT_TAKEN),
    Page("history_pdf", ("drafted", "posted"), READERS, NOT_TAKEN),
    Page("pdf", TYPED_AND_ON, READERS, NOT_TAKEN),
    Page("picture", TYPED_AND_ON, READERS, NOT_TAKEN),
    Page("signed_pdf", ("signed", "posted"), READERS, NOT_TAKEN),
    Page("print_sheets", ("typed, printed",), READERS, NOT_TAKEN),
    Page("returned_next", ("returned",), READERS, NOT_TAKEN),
    # What the worker handed over is part of the letter. Admin asks, the case's worker answers and says by when.
    Page("source", ("drafted", "posted"), READERS, NOT_TAKEN),
    Page("source_picture", ("drafted", "posted"), READERS, NOT_TAKEN),
    Page("ask", ("drafted", "signed"), NEAR_ADMINS, NEAR_ADMINS),
    Page("answer", ("drafted", "signed"), {"near.worker"}, {"near.worker"}),
    Page("brief", ("drafted", "enveloped"), {"near.worker"}, {"near.worker"}),
    # What is added while typing is part of the letter. An office's texts tell nothing of anybody; its own people keep
    # them, and see no other office's.
    Page("letter_file", ("drafted", "posted"), READERS, NOT_TAKEN),
    Page("add_file", ("drafted", "signed"), NEAR_ADMINS, NEAR_ADMINS),
    Page("take_over", ("drafted",), NOT_TAKEN, NEAR_ADMINS),
    Page("texts", (), TEXT_KEEPERS, NOT_TAKEN),
    Page("text_new", (), TEXT_KEEPERS, TEXT_KEEPERS),
    Page("text", (), NEAR_ADMINS | NEAR_MANAGERS, NEAR_ADMINS | NEAR_MANAGERS),
    # "type, print, return to worker": admin
    Page("type", ("drafted", "typed", "worker_checked", "signed"), NEAR_ADMINS, NEAR_ADMINS),
    # One text to many is typed once: its words are given to the others by those who may type them.
    Page("give_words", ("typed, with another to type",), NEAR_ADMINS, NEAR_ADMINS),
    Page("autosave", ("drafted", "worker_checked"), NOT_TAKEN, NEAR_ADMINS),
    Page("preview", ("drafted", "worker_checked"), NOT_TAKEN, NEAR_ADMINS),
    Page("preview_picture", ("drafted",), NEAR_ADMINS, NOT_TAKEN),
    Page("print", ("typed", "worker_checked", "signed"), NEAR_ADMINS, NEAR_ADMINS),
    Page("say_came_out", ("typed, printed",), NOT_TAKEN, NEAR_ADMINS),
    Page("return_to_worker", ("typed, printed",), NOT_TAKEN, NEAR_ADMINS),
    # What is made in the addressee's format is recorded by who has it made: the letter's worker, or admin.
    Page("record_format", ("typed, braille",), NEAR_ADMINS | {"near.worker"}, NEAR_ADMINS | {"near.worker"}),
    # "check address and body"; "return for retyping": whoever may check, sign or pp it
    Page("check", ("typed", "worker_checked"), CHECKERS, CHECKERS),
    Page("send_back", ("typed", "worker_checked", "signed"), CHECKERS, CHECKERS),
    # One text to several: confirmed once, each address singly, by those who may check; or all of them sent back.
    Page("check_together", ("typed, one of several",), CHECKERS, CHECKERS),
    Page("send_text_back", ("typed, one of several",), CHECKERS, CHECKERS),
    # "sign": the allocated worker; "pp": duty worker, AP, deputy TM, TM
    Page("sign", ("worker_checked, printed",), {"near.worker"}, {"near.worker"}),
    Page("pp", ("worker_checked, printed",), NEAR_STAND_INS, NEAR_STAND_INS),
    Page("confirm_signature", ("signed, paper not seen", "signed"), NEAR_ADMINS, NEAR_ADMINS),
    # "envelope, check contents, initial"; "post, record date; upload to ICS"; "reopen; return undelivered": admin
    Page("envelope", ("signed",), NEAR_ADMINS, NEAR_ADMINS),
    Page("reopen", ("enveloped",), NEAR_ADMINS, NEAR_ADMINS),
    Page("post", ("enveloped",), NEAR_ADMINS, NEAR_ADMINS),
    Page("upload", ("posted", "handed_over", "returned"), NEAR_ADMINS, NEAR_ADMINS),
    Page("returned", ("posted", "uploaded"), NEAR_ADMINS, NEAR_ADMINS),
    # CLS-6: the way of a letter is its worker's or a manager's; "hand deliver: a social worker", not admin, who gives
    # out at reception and keeps the proof of registered post; a manager decides what comes of a failed delivery.
    Page("choose_way", ("drafted", "typed", "worker_checked", "signed"), WITHDRAWERS, WITHDRAWERS),
    # "Send by secure e-mail; confirm a recipient's right: the allocated worker."
    Page("send_email", ("signed, by email",), {"near.worker"}, {"near.worker"}),
    Page("decide_email", ("uncertain",), {"near.worker"}, {"near.worker"}),
    Page("password", ("emailed",), {"near.worker"}, {"near.worker"}),
    # CLS-2: whoever takes it out has it in their hands; what became of it they say, or a manager that it is back.
    Page("take_out", ("enveloped, by hand",), CHECKERS, CHECKERS),
    Page("hand_deliver", ("enveloped, out",), {"near.worker"}, {"near.worker"}),
    Page("hand_deliver", ("enveloped, out with duty",), {"near.duty"}, {"near.duty"}),
    Page("not_delivered", ("enveloped, out",), {"near.worker"}, {"near.worker"}),
    Page(
        "bring_back",
        ("enveloped, out", "enveloped, not delivered"),
        {"near.worker"} | NEAR_MANAGERS,
        {"near.worker"} | NEAR_MANAGERS,
    ),
    Page("carry_again", ("enveloped, not delivered",), NEAR_MANAGERS, NEAR_MANAGERS),
    Page("give_at_reception", ("enveloped, to collect",), NEAR_ADMINS, NEAR_ADMINS),
    Page("confirm_delivery", ("posted, registered",), NEAR_ADMINS, NEAR_ADMINS),
    Page("receipt", ("posted, registered",), READERS, NOT_TAKEN),
    Page("withdraw", BEFORE_POSTING, WITHDRAWERS, WITHDRAWERS),
    # Envelope stock tells nothing of anybody. "manage offices": the system administrator; what an office signs on and
    # posts in, its own managers too ("the office chooses").
    Page("stocks", (), EVERYONE, NOT_TAKEN),
    Page("stock", (), EVERYONE, NOT_TAKEN),
    Page("stock_calibration", (), EVERYONE, NOT_TAKEN),
    Page("stock_new", (), STOCK_KEEPERS, STOCK_KEEPERS),
    Page("stock_change", (), STOCK_KEEPERS, STOCK_KEEPERS),
    # OGP-4a: printers are kept and measured by those who stand at them; what was measured is no secret.
    Page("printers", (), EVERYONE, NOT_TAKEN),
    Page("printer", (), EVERYONE, NOT_TAKEN),
    Page("printer_sheet", (), EVERYONE, NOT_TAKEN),
    Page("printer_new", (), NEAR_ADMINS | NEAR_MANAGERS, NEAR_ADMINS | NEAR_MANAGERS),
    Page("printer_change", (), NEAR_ADMINS | NEAR_MANAGERS, NEAR_ADMINS | NEAR_MANAGERS),
    Page("printer_measure", (), NEAR_ADMINS | NEAR_MANAGERS, NEAR_ADMINS | NEAR_MANAGERS),
    # "envelope, check contents, initial; post": admin of the office; what missed the bag is theirs to lock in.
    Page("tray_home", (), EVERYONE, NOT_TAKEN),
    Page("tray", ("enveloped",), NEAR_ADMINS, NEAR_ADMINS),
    Page("enveloping", ("signed",), NEAR_ADMINS, NEAR_ADMINS),
    Page("print_several", ("typed",), NEAR_ADMINS, NEAR_ADMINS),
    Page("print_run", ("typed, in a run",), NEAR_ADMINS, NEAR_ADMINS),
    Page("print_run_progress", ("typed, in a run",), NEAR_ADMINS, NOT_TAKEN),
    Page("print_run_pdf", ("typed, in a run",), NEAR_ADMINS, NOT_TAKEN),
    Page("bag_list", ("posted",), NEAR_ADMINS, NOT_TAKEN),
    # OGP-5: labels are printed by the office's own admin.
    Page("labels_home", (), EVERYONE, NOT_TAKEN),
    Page("labels", (), NEAR_ADMINS, NEAR_ADMINS),
    Page("office_post", (), NEAR_MANAGERS | {"system_administrator"}, NEAR_MANAGERS | {"system_administrator"}),
)

# In which states each step is open to anybody at all; in every other state its page refuses also those who may.
STEPS: dict[str, tuple[str, set[str]]] = {
    "type": ("near.admin", {"drafted", "typed", "worker_checked", "signed"}),
    # No letter that was handed over alone has others to give its words to.
    "give_words": ("near.admin", set()),
    "add_file": ("near.admin", {"drafted", "typed", "worker_checked", "signed"}),
    "ask": ("near.admin", {"drafted", "typed", "worker_checked", "signed"}),
    "answer": ("near.worker", {"drafted", "typed", "worker_checked", "signed"}),
    "brief": ("near.worker", set(BEFORE_POSTING)),
    "print": ("near.admin", {"typed", "worker_checked", "signed"}),
    "say_came_out": ("near.admin", set()),
    "return_to_worker": ("near.admin", {"typed"}),
    # Only of a letter in a format that has to be made.
    "record_format": ("near.admin", set()),
    "check": ("near.worker", {"typed", "worker_checked"}),
    "send_back": ("near.worker", {"typed", "worker_checked", "signed"}),
    # None of the letters that were handed over alone has its words in common with others.
    "check_together": ("near.worker", set()),
    "send_text_back": ("near.worker", set()),
    "sign": ("near.worker", {"worker_checked"}),
    "pp": ("near.manager", {"worker_checked"}),
    "confirm_signature": ("near.admin", {"signed"}),
    "envelope": ("near.admin", {"signed"}),
    "reopen": ("near.admin", {"enveloped"}),
    "post": ("near.admin", {"enveloped"}),
    "upload": ("near.admin", {"posted", "handed_over", "emailed", "returned"}),
    # None of the letters that stand signed goes by e-mail.
    "send_email": ("near.worker", set()),
    "decide_email": ("near.worker", {"uncertain"}),
    "password": ("near.worker", {"emailed"}),
    "choose_way": ("near.worker", {"drafted", "typed", "worker_checked", "signed"}),
    # None of the letters by ordinary post may be handed out, or has a proof of delivery.
    "take_out": ("near.worker", set()),
    "bring_back": ("near.worker", set()),
    "hand_deliver": ("near.worker", set()),
    "not_delivered": ("near.worker", set()),
    "carry_again": ("near.manager", set()),
    "give_at_reception": ("near.admin", set()),
    "confirm_delivery": ("near.admin", set()),
    "returned": ("near.admin", {"posted", "uploaded"}),
    "withdraw": ("near.worker", set(BEFORE_POSTING)),
}
