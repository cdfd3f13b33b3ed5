"""The steps of reports and minutes, as verbs. Each is one transaction of the engine, or nothing.

All are keyword-only: `item`, `by` (who), `seen` (what they had on screen) and what the step needs. They raise the
errors of `postroom.steps.errors`.
"""

from distribution.actions.carrying import bring_back, hand_over, not_possible, take_out
from distribution.actions.emailing import decide, send
from distribution.actions.holding import hold
from distribution.actions.issuing import add_recipient, issue, replace_version
from distribution.actions.passwords import give_password, text_password
from distribution.actions.posting import envelope, post, prove_delivery, return_undelivered, upload
from distribution.actions.preparing import (
    approve,
    ask_approval,
    choose_route,
    confirm_right,
    decline,
    make_ready,
    prepare_again,
    release,
    set_aside,
)

__all__ = [
    "add_recipient",
    "approve",
    "ask_approval",
    "bring_back",
    "choose_route",
    "confirm_right",
    "decide",
    "decline",
    "envelope",
    "give_password",
    "hand_over",
    "hold",
    "issue",
    "make_ready",
    "not_possible",
    "post",
    "prepare_again",
    "prove_delivery",
    "release",
    "replace_version",
    "return_undelivered",
    "send",
    "set_aside",
    "take_out",
    "text_password",
    "upload",
]
