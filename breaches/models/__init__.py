"""The rows of a breach or near miss, and of what is done about it."""

from breaches.models.breach import BOTH_DECIDERS, ONLY_NEAR_MISS, Breach, Involved
from breaches.models.deciding import Advice, Decision, Notification, Referral
from breaches.models.duties import ROWS, BreachDuty, MeetingException, ServiceUserLetter
from breaches.models.following import FollowUp, Reminder, ReportDraft, TrendAlert
from breaches.models.people import ServiceUser

__all__ = [
    "BOTH_DECIDERS",
    "ONLY_NEAR_MISS",
    "ROWS",
    "Advice",
    "Breach",
    "BreachDuty",
    "Decision",
    "FollowUp",
    "Involved",
    "MeetingException",
    "Notification",
    "Referral",
    "Reminder",
    "ReportDraft",
    "ServiceUser",
    "ServiceUserLetter",
    "TrendAlert",
]
