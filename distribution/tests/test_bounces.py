"""Delivery reports as mail systems really write them; what isn't one never stops a document (OGP-9, CLS-6)."""

from __future__ import annotations

import base64
import io
import sys
from io import BytesIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from distribution import bounces
from distribution.actions import emailing
from distribution.bounces import NotAReport, Report, read_report
from distribution.models import Item
from distribution.states import State
from distribution.tests.world import Conference, fresh
from postroom.ledger.models import Entry, Reason
from postroom.outbox.models import Job, JobState
from tests.support import world

POLICY = pytest.mark.policy("OGP-9", "CLS-6")
OURS = "<0123456789abcdef0123456789abcdef@council.example>"


def report(
    fields: str,
    returned: str = f"Message-ID: {OURS}\n",
    *,
    kind: str = "message/delivery-status",
    head_kind: str = "text/rfc822-headers",
    encoding: str = "",
    words: bytes = b"It could not be delivered.",
    charset: str = "us-ascii",
    head: str = "",
) -> bytes:
    """A multipart/report with these fields and this returned head."""
    cte = f"Content-Transfer-Encoding: {encoding}\n" if encoding else ""
    return (
        f"From: MAILER-DAEMON@mx.invalid\n{head}MIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        f"--b\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
    ).encode() + b"%b\n\n--b\nContent-Type: %b\n%b\n%b\n\n--b\nContent-Type: %b\n\n%b\n--b--\n" % (
        words,
        kind.encode(),
        cte.encode(),
        fields.encode(),
        head_kind.encode(),
        returned.encode(),
    )


POSTFIX = (
    "Reporting-MTA: dns; mail.council.example\nX-Postfix-Queue-ID: 4F1\n\n"
    "Final-Recipient: rfc822; head@invented-school.example\nOriginal-Recipient: rfc822;head@invented-school.example\n"
    "Action: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx.invented-school.example\n"
    "Diagnostic-Code: smtp; 550 5.1.1 <head@invented-school.example>: Recipient address rejected\n"
)
EXCHANGE = (
    "Reporting-MTA: dns;LO2P265.prod.outlook.example\r\nReceived-From-MTA: dns;smtp\r\n\r\n"
    "Final-recipient: rfc822;head@invented-school.example\r\nACTION: failed\r\nstatus: 5.7.708\r\n"
    "Diagnostic-code: smtp;550 5.7.708 Service unavailable\r\n"
)
EXIM = (
    f"From: Mail Delivery System <Mailer-Daemon@mx.invalid>\nX-Failed-Recipients: head@invented-school.example\n"
    f"Auto-Submitted: auto-replied\nIn-Reply-To: {OURS}\nContent-Type: text/plain\n\n"
    "This message was created automatically by mail delivery software.\n\nUnrouteable address (#5.1.2)\n"
)
QMAIL = (
    "From: MAILER-DAEMON@mx.invalid\nSubject: failure notice\n\n"
    "Hi. This is the qmail-send program at mx.invalid.\nI'm afraid I wasn't able to deliver your message.\n\n"
    "<head@invented-school.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
    f"--- Below this line is a copy of the message.\n\nReturn-Path: <post@council.example>\nMessage-ID: {OURS}\n"
)
RETURNED = f"From: post@council.example\nSubject: A confidential document for you\nMessage-ID:\n {OURS}\n\nText.\n"
BASE64 = base64.encodebytes(POSTFIX.encode()).decode()

REPORTS: dict[str, tuple[bytes, str, str]] = {
    "Postfix": (report(POSTFIX), "failed", "5.1.1"),
    "Exchange, CRLF and other capitals": (report(EXCHANGE), "failed", "5.7.708"),
    "given up after days of trying": (report("\n\nAction: failed\nStatus: 4.4.7\n"), "failed", "4.4.7"),
    "the whole message returned": (report(POSTFIX, RETURNED, head_kind="message/rfc822"), "failed", "5.1.1"),
    "internationalised": (
        report(POSTFIX, kind="message/global-delivery-status", head_kind="message/global-headers"),
        "failed",
        "5.1.1",
    ),
    "fields in base64": (report(BASE64, encoding="base64"), "failed", "5.1.1"),
    "words in a charset that nobody knows": (
        report(POSTFIX, words=b"\x93\xfa\x96{\x8c\xea \xff\xfe", charset="x-klingon"),
        "failed",
        "5.1.1",
    ),
    "words in Latin-1": (report(POSTFIX, words=b"Unzustellbar: Empf\xe4nger", charset="iso-8859-1"), "failed", "5.1.1"),
    "one block of several failed": (report(f"\n\nAction: delayed\nStatus: 4.4.1\n\n{POSTFIX}"), "failed", "4.4.1"),
    "a signed report": (
        b'Content-Type: multipart/signed; boundary="s"\n\n--s\n' + report(POSTFIX) + b"\n--s\n\nsig\n--s--\n",
        "failed",
        "5.1.1",
    ),
    "Exim's older note": (EXIM.encode(), "failed", "5.1.2"),
    "qmail": (QMAIL.encode(), "failed", "5.1.1"),
    "the returned document is huge": (
        report(POSTFIX, RETURNED + "QUJD" * 500_000, head_kind="message/rfc822"),
        "failed",
        "5.1.1",
    ),
    "cut off in the middle": (report(POSTFIX)[:-8], "failed", "5.1.1"),
    "a delay": (report("\n\nAction: delayed\nStatus: 4.4.1\nWill-Retry-Until: tomorrow\n"), "delayed", "4.4.1"),
    "relayed to a system without reports": (report("\n\nAction: relayed\nStatus: 2.1.9\n"), "relayed", "2.1.9"),
    "delivered, which somebody asked to know": (report("\n\nAction: delivered\nStatus: 2.1.5\n"), "delivered", "2.1.5"),
    "expanded by a list": (report("\n\nAction: expanded\nStatus: 2.1.5\n"), "expanded", "2.1.5"),
}


@POLICY
@pytest.mark.parametrize("name", REPORTS)
def test_what_a_report_says_and_of_which_e_mail(name: str) -> None:
    data, action, status = REPORTS[name]
    assert read_report(data) == Report(action, status, (OURS,))


ANSWER = f"From: head@invented-school.example\nIn-Reply-To: {OURS}\nReferences: {OURS}\n"
DISPOSITION = f"Disposition: manual-action/MDN-sent-manually; displayed\nOriginal-Message-ID: {OURS}\n"
NESTED = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(2000))
NO_REPORTS = {
    "nothing": b" \n",
    "a word": b"hello",
    "bytes": b"\xff\xfe\x00" * 99,
    "out of office": f"{ANSWER}Auto-Submitted: auto-replied\n\nI am back on Monday. Action: failed\n".encode(),
    "an answer that quotes our e-mail": f"{ANSWER}\nThank you.\n> Message-ID: {OURS}\n> Action: failed\n".encode(),
    "read": report("", DISPOSITION, kind="text/plain", head_kind="message/disposition-notification"),
    "a report that doesn't say what became of it": report("\n\nFinal-Recipient: rfc822; x@y.example\n"),
    "a report with an action that there isn't": report("\n\nAction: eaten\nStatus: 5.0.0\n"),
    "nested without end": NESTED.encode(),
}


@POLICY
@pytest.mark.parametrize("name", NO_REPORTS)
def test_what_is_no_report_stops_nothing(name: str) -> None:
    with pytest.raises(NotAReport):
        read_report(NO_REPORTS[name])


@POLICY
def test_a_report_of_another_message_in_the_same_thread_is_not_ours() -> None:
    other = f"Message-ID: <other@council.example>\nIn-Reply-To: {OURS}\nReferences: {OURS}\n"
    found = read_report(report(POSTFIX, other, head=f"References: {OURS}\n"))
    assert found.message_ids == ("<other@council.example>",)


@POLICY
def test_where_nothing_came_back_the_report_s_own_head_says_of_what_it_speaks() -> None:
    found = read_report(report(POSTFIX, "Subject: x\n", head=f"In-Reply-To: {OURS}\n"))
    assert found.message_ids == (OURS,)


@pytest.fixture
def item() -> Item:
    """One that stands as uncertain: its worker was killed, and nobody has decided on it."""
    made = Conference(world.Desk(world.make_office("riv", "Riverside"))).in_state("uncertain")
    Job.objects.filter(kind=emailing.KIND).update(state=JobState.UNCERTAIN, attempted_at=made.state_since)
    return made


def taken(data: bytes, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the command says of this on its stdin."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(BytesIO(data)))
    call_command("take_bounce", stdout=out)
    return out.getvalue()


@POLICY
@pytest.mark.django_db
def test_a_report_of_an_uncertain_e_mail_settles_it(item: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    """It left, and it failed: on hold, its sender is told, and nobody has to decide any more."""
    job = Job.objects.get(kind=emailing.KIND)
    data = report(POSTFIX, f"Message-ID: <{job.pk.hex}@council.example>\n")
    monkeypatch.setattr(bounces, "KEPT_BYTES", len(data) + 10)
    assert taken(data + b"QUJD" * 100_000, monkeypatch) == f"On hold: {item.reference}.\n"
    assert (fresh(item).state, fresh(item).right_by_id) == (State.HELD, None)
    job.refresh_from_db()
    assert (job.state, job.decided_by_id) == (JobState.DONE, None)
    assert Job.objects.filter(key__startswith="item_bounced").exists()
    entry = Entry.objects.filter(subject=item.ledger_subject).latest("seq")
    [why] = Reason.objects.filter(subject=item.ledger_subject, seq=entry.seq).values_list("text", flat=True)
    assert (entry.action, why) == ("bounce", "The e-mail came back undelivered (5.1.1).")
    with pytest.raises(CommandError, match="no e-mail of ours that is still waiting"):
        taken(data, monkeypatch)


@POLICY
@pytest.mark.django_db
@pytest.mark.parametrize("name", ["a delay", "out of office", "Postfix"])
def test_what_is_not_of_this_e_mail_or_needs_nothing_leaves_it(
    name: str, item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    every: dict[str, Any] = {key: value[0] for key, value in REPORTS.items()} | NO_REPORTS
    if name == "a delay":
        assert taken(every[name], monkeypatch) == "A report of an e-mail that is delayed: nothing to do.\n"
    else:
        with pytest.raises(CommandError) as refused:
            taken(every[name], monkeypatch)
        assert refused.value.returncode == 1
    assert fresh(item).state == State.UNCERTAIN
