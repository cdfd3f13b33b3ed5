"""The verbs on papers out; each is one step of the engine."""

from papers.actions.agreements import end_agreement, register_agreement
from papers.actions.answering import agree, refuse
from papers.actions.chasing import chase_late
from papers.actions.ending import destroy, find, give_back, lose
from papers.actions.keeping import extend, keep_record
from papers.actions.taking import Security, WhatLeaves, ask, leave, not_take, take_out

__all__ = [
    "Security",
    "WhatLeaves",
    "agree",
    "ask",
    "chase_late",
    "destroy",
    "end_agreement",
    "extend",
    "find",
    "give_back",
    "keep_record",
    "leave",
    "lose",
    "not_take",
    "refuse",
    "register_agreement",
    "take_out",
]
