"""Every table that holds words or files has a line in the schedule of retention, or a stated reason for none (CLS-1).

Written by hand, beside the code: a new table with words fails here until somebody says when they go.
"""

from __future__ import annotations

import datetime as dt

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone

from breaches.models import ReportDraft
from breaches.tasks import remind
from postroom.files.models import StoredFile
from postroom.ledger.kept import all_kinds
from postroom.people.roles import Role
from tests.support import world

pytestmark = pytest.mark.policy("CLS-1")

# Table → the kind that it goes with. Field history goes with its own table.
GOES_WITH = {
    "letters.Letter": "content",
    "letters.LetterVersion": "content",
    "letters.Question": "content",
    "letters.LetterFile": "content",
    "letters.MadeInFormat": "content",
    "letters.Print": "content",
    "letters.Signature": "content",
    "letters.IcsUpload": "content",
    "letters.WorkingText": "drafts",
    "letters.Source": "drafts",
    "letters.Proposal": "drafts",
    "letters.Registered": "proofs",
    "letters.Handing": "proofs",
    "downtime.LateEntry": "content",
    "distribution.Distribution": "reports",
    "distribution.Item": "reports",
    "distribution.ItemVersion": "reports",
    "distribution.Handover": "reports",
    "distribution.Proof": "reports",
    "distribution.Receipt": "reports",
    "distribution.EmailPassword": "reports",
    "breaches.Breach": "breaches",
    "breaches.Involved": "breaches",
    "breaches.Advice": "breaches",
    "breaches.Decision": "breaches",
    "breaches.Referral": "breaches",
    "breaches.Notification": "breaches",
    "breaches.ServiceUser": "breaches",
    "breaches.BreachDuty": "breaches",
    "breaches.MeetingException": "breaches",
    "breaches.FollowUp": "breaches",
    "papers.PapersOut": "papers",
    "papers.AwayAgreement": "agreements",
    "audit.SpotCheck": "spot_checks",
    "audit.Answer": "spot_checks",
    "audit.Evidence": "spot_checks",
    "audit.Finding": "spot_checks",
    "audit.Item": "spot_checks",
    "record.Bundle": "bundles",
    "record.AccessRequest": "access",
    "cases.IcsImport": "ics_files",
    "cases.IcsLine": "ics_files",
    "ledger.Reason": "content",  # of whichever kind its subject is: `let_go` destroys them
}

THE_RECORD = "the record itself: names, roles, states and salted hashes of what was done; it has to verify for ever"
WHOM_WE_WRITE_TO = "who can be written to and where, kept as ICS has it; no case here has an end that ICS told us"
SET_UP = "the council's own words about itself, its offices, printers and staff; nobody's case"
REFERENCES = "references, counts and fixed words of the program alone"
NO_TIME = {
    "ledger.Entry": THE_RECORD,
    "ledger.Disposal": THE_RECORD,
    "ledger.Checkpoint": THE_RECORD,
    "ledger.Reading": THE_RECORD,
    "ledger.ReadBatch": THE_RECORD,
    "record.Departure": THE_RECORD,
    "record.Verification": THE_RECORD,
    "record.Disposal": THE_RECORD,
    "record.DisposalItem": THE_RECORD,
    "record.LegalHold": "why records were kept beyond their time has to outlast them",
    "audit.Stratum": "the published list that a draw can be repeated from; references alone",
    "audit.PolicyVersion": "the policies themselves",
    "cases.CasePerson": WHOM_WE_WRITE_TO,
    "cases.Address": WHOM_WE_WRITE_TO,
    "cases.Case": WHOM_WE_WRITE_TO,
    "cases.MustNotKnow": WHOM_WE_WRITE_TO,
    "cases.HandedOnItem": "which work changed hands: kind, reference, state, for managers",
    "people.Office": SET_UP,
    "people.OfficeChange": SET_UP,
    "people.Team": SET_UP,
    "people.User": SET_UP,
    "people.RoleGrant": SET_UP,
    "letters.EnvelopeStock": SET_UP,
    "letters.Calibration": SET_UP,
    "letters.OfficePost": SET_UP,
    "letters.OfficeText": SET_UP,
    "letters.OfficeTextVersion": SET_UP,
    "letters.Printer": SET_UP,
    "letters.SavedFilter": "filters by fixed values, never what was typed; goes with its user",
    "distribution.OfficeMail": SET_UP,
    "downtime.Downtime": "why an office had no system; of no case",
    "account.EmailAddress": SET_UP,
    "account.EmailConfirmation": SET_UP,
    "mfa.Authenticator": "keys of second factors; gone when their user resets them",
    "letters.Check": "which role, which translator: part of who did what",
    "letters.TextCheck": "who confirmed a text, by its hash and by which version: part of who did what",
    "letters.SharedText": "letters of a case with one text; the salt of its hash goes with the last of them",
    "letters.NamedOther": REFERENCES,
    "letters.Disposed": REFERENCES,
    "letters.LetterWords": "words of the subject and the name, copied by the database; they go with what they copy",
    "letters.Hold": REFERENCES,
    "letters.TrackedNumber": REFERENCES,
    "letters.Opening": REFERENCES,
    "letters.PrintRun": REFERENCES,
    "letters.PrintRunLetter": REFERENCES,
    "breaches.Reminder": REFERENCES,
    "breaches.ReportDraft": "a half-written report, seen by its writer alone, gone when sent, or in 30 days",
    "outbox.Job": "what is owed outside, by reference: payloads hold no personal data",
    "outbox.HeldNotice": "a notice that waits for the morning, by reference",
    "files.StoredFile": "hash, size and type of a file; swept when no row needs it any more",
}
# Long, and yet no words: hashes and keys.
NO_WORDS = {
    "ledger_head",
    "content_hash",
    "text_hash",
    "sha256",
    "hash",
    "root",
    "previous_hash",
    "entry_hash",
    "head",
    "password",
}
NOT_OURS = {"auth", "contenttypes", "sessions", "admin"}
LONG = 60  # a shorter field holds a code, a number or a name of a thing


def holds_words(field: models.Field) -> bool:
    """Can somebody's words, or a file, stand in it?"""
    if isinstance(field, models.ForeignKey):
        return field.related_model is StoredFile
    if isinstance(field, (models.TextField, models.JSONField, models.BinaryField, models.FileField)):
        return True
    return (
        isinstance(field, models.CharField)
        and not field.choices
        and (field.max_length or LONG) >= LONG
        and field.name not in NO_WORDS
    )


def tables_with_words() -> set[str]:
    found = set()
    for model in apps.get_models(include_auto_created=True):
        ours = getattr(model, "instance_type", model)  # a table of field history stands for its own
        if ours._meta.app_label not in NOT_OURS and any(holds_words(field) for field in model._meta.local_fields):
            is_history = ours is not model
            words = [f for f in model._meta.local_fields if holds_words(f) and f.name != "history_change_reason"]
            if words or not is_history:
                found.add(ours._meta.label)
    return found


def test_every_table_with_words_or_files_has_a_time_or_a_reason():
    assert set(GOES_WITH) & set(NO_TIME) == set()
    known = {apps.get_model(label)._meta.label for label in {**GOES_WITH, **NO_TIME}}  # raises for one that is gone
    assert tables_with_words() - known == set(), "say when their words go: a kind in a kept.py, or the reason for none"
    assert set(GOES_WITH.values()) == {kind.key for kind in all_kinds()}
    assert all(len(why) > 15 for why in NO_TIME.values())
    files = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and field.related_model is StoredFile
    }
    assert {label for label in files if not label.split(".")[1].startswith("Historical")} <= set(GOES_WITH)


def test_a_table_that_nobody_thought_of_is_seen(monkeypatch):
    assert "papers.AwayAgreement" in tables_with_words()
    assert "letters.Return" not in tables_with_words()
    monkeypatch.delitem(GOES_WITH, "papers.AwayAgreement")
    with pytest.raises(AssertionError, match="say when their words go"):
        test_every_table_with_words_or_files_has_a_time_or_a_reason()


@pytest.mark.django_db
def test_a_breach_report_begun_and_never_sent_goes_after_thirty_days():
    now, writer = timezone.now(), world.make_user("Wen Writer", None, Role.INFORMATION_GOVERNANCE)
    for days in (29, 31):
        ReportDraft.objects.create(by=writer, fields={"what": "x"}, saved_at=now - dt.timedelta(days=days))
    remind()
    assert [(now - one.saved_at).days for one in ReportDraft.objects.all()] == [29]
