"""The steps of a letter, as verbs. Each is one transaction of the engine, or nothing.

All are keyword-only: `letter`, `by` (who), `seen` (what they had on screen) and what the step needs. They raise the
errors of `postroom.steps.errors`.
"""

from letters.actions.asking import answer, ask, change_brief
from letters.actions.checking import check, confirm_signature, pp, return_for_retyping, sign
from letters.actions.emailing import decide_not_sent, decide_sent, give_password, send_email
from letters.actions.enveloping import envelope, reopen
from letters.actions.formats import record_format
from letters.actions.giving import give_words
from letters.actions.handing_over import hand_over, save_working_text, withdraw
from letters.actions.posting import confirm_delivery, post, return_undelivered, upload
from letters.actions.printing import confirm_print, print_letter, return_to_worker, void_print
from letters.actions.together import check_address, check_addresses, check_text, send_text_back
from letters.actions.tray import lock_in
from letters.actions.typing import add_file, take_over, type_letter
from letters.actions.voiding import void_check
from letters.actions.ways import (
    bring_back,
    carry_again,
    choose_way,
    give_at_reception,
    hand_deliver,
    not_delivered,
    take_out,
)
from letters.named import name_others

__all__ = [
    "add_file",
    "answer",
    "ask",
    "bring_back",
    "carry_again",
    "change_brief",
    "check",
    "check_address",
    "check_addresses",
    "check_text",
    "choose_way",
    "confirm_delivery",
    "confirm_print",
    "confirm_signature",
    "decide_not_sent",
    "decide_sent",
    "envelope",
    "give_at_reception",
    "give_password",
    "give_words",
    "hand_deliver",
    "hand_over",
    "lock_in",
    "name_others",
    "not_delivered",
    "post",
    "pp",
    "print_letter",
    "record_format",
    "reopen",
    "return_for_retyping",
    "return_to_worker",
    "return_undelivered",
    "save_working_text",
    "send_email",
    "send_text_back",
    "sign",
    "take_out",
    "take_over",
    "type_letter",
    "upload",
    "void_check",
    "void_print",
    "withdraw",
]
