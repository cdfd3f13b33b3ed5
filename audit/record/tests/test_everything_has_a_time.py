"""Every table that holds words or files has a line in the schedule of retention, or a stated reason for none (CLS-1).

Written by hand, beside the code: a new table with words fails here until somebody says when they go.
"""

from __future__ import annotations

import datetime as dt

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone

from audit.record import access
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
    "letters.LetterPassword": "content",
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
    "letters.OfficeMail": SET_UP,
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


# Tables with words that subject access does not come to by what points to a person. Why that is right, by hand.
BY_NAME = "asked for by name, case or record"
OF_STAFF = "about staff or the council itself, nobody's case"
NOT_HELD_ON_A_PERSON = {
    "audit.PolicyVersion": OF_STAFF,
    "audit.SpotCheck": "which offices, how many, whose dice: of no person; what was seen of their letter is found",
    "audit.Stratum": "references alone; that theirs was drawn is found with its item",
    "breaches.Involved": OF_STAFF,
    "breaches.Reminder": OF_STAFF,
    "breaches.ReportDraft": "half written, seen by its writer alone, gone in 30 days",
    "cases.HandedOnItem": "kind, reference and state of work that changed hands; the work itself is found",
    "cases.IcsImport": "the file as ICS has it, of everybody; its rows about them are asked for by name",
    "cases.IcsLine": BY_NAME,
    "downtime.Downtime": OF_STAFF,
    "files.StoredFile": "hash, size and type; the files themselves go into the answer",
    "ledger.Checkpoint": "hashes",
    "ledger.Disposal": "references",
    "ledger.Entry": BY_NAME,
    "ledger.ReadBatch": "hashes",
    "ledger.Reading": BY_NAME,
    "ledger.Reason": BY_NAME,
    "letters.Calibration": OF_STAFF,
    "letters.EnvelopeStock": OF_STAFF,
    "letters.LetterWords": "copies of what is given, for the search",
    "letters.OfficeMail": OF_STAFF,
    "letters.OfficePost": "how an office does its post: of no person",
    "letters.OfficeText": OF_STAFF,
    "letters.OfficeTextVersion": OF_STAFF,
    "letters.PrintRun": "a hash, and letters that are found themselves",
    "letters.Printer": OF_STAFF,
    "letters.SavedFilter": OF_STAFF,
    "outbox.HeldNotice": "references",
    "outbox.Job": "references",
    "papers.AwayAgreement": OF_STAFF,
    "people.Office": OF_STAFF,
    "people.OfficeChange": OF_STAFF,
    "people.Team": OF_STAFF,
    "people.User": OF_STAFF,
    "account.EmailAddress": OF_STAFF,
    "account.EmailConfirmation": OF_STAFF,
    "mfa.Authenticator": OF_STAFF,
    "record.AccessRequest": "an answer that was given to them",
    "record.Bundle": "letters and steps that are found themselves, for an outside auditor; gone in days",
    "record.Departure": "hashes",
    "record.Disposal": "how much of what was destroyed",
    "record.DisposalItem": "references",
    "record.LegalHold": BY_NAME,
    "record.Verification": "what the nightly look found, by reference",
}


def test_subject_access_comes_to_every_table_with_words_or_says_why_not():
    """By what points to a person, their address, letters, breaches, reports and papers, and to that once more."""
    begin = ("cases.CasePerson", "cases.Address", "letters.Letter", "breaches.Breach", "distribution.Distribution",
             "papers.PapersOut")  # fmt: skip
    found = last = {apps.get_model(label) for label in begin}
    for _ in range(access.DEPTH):
        last = {model for model in apps.get_models(include_auto_created=True) if access.asked(model)
                and any(column.related_model in last for column in access.pointers(model))}  # fmt: skip
        found = found | last
    missed = tables_with_words() - {model._meta.label for model in found if model._meta.label not in access.ABOUT_STAFF}
    assert missed == set(NOT_HELD_ON_A_PERSON), "let `access.find` come to it, or say here why it holds nothing on them"


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
