"""Every document × recipient × channel against an expectation written by hand. Pure: no database.

`tools/flip_rules` flips each row of the table and looks for a failure here, under its clause.
"""

from __future__ import annotations

from itertools import chain, combinations

import pytest

from letters.routes import (
    ROUTES,
    Channel,
    Condition,
    Document,
    EmptyPack,
    Recipient,
    Verdict,
    route,
    route_of_pack,
)
from letters.tests.expected_routes import expected_rows

ROWS = expected_rows()
every_row = pytest.mark.parametrize(
    ("document", "recipient", "channel", "verdict", "clauses", "conditions"),
    [pytest.param(*row, marks=pytest.mark.policy(*row[4])) for row in ROWS],
)
EXPECTED = {row[:3]: row[3] for row in ROWS}
EVERY_HOLDING = list(chain.from_iterable(combinations(Condition, n) for n in range(len(Condition) + 1)))
STRICTNESS = ["allowed", "needs_approval", "refused"]
FAMILY = (Recipient.FAMILY_IN_AREA, Recipient.FAMILY_OUT_OF_AREA)
REPORTS = (Document.CP_REPORT, Document.LAC_REPORT)


@every_row
def test_each_route_is_as_the_policy_prints_it(document, recipient, channel, verdict, clauses, conditions):
    found = route(document, recipient, channel)
    assert found.verdict == verdict
    assert set(found.clauses) == set(clauses)
    assert set(found.conditions) == set(conditions)
    assert bool(found.sentence) is (verdict != "allowed")


@every_row
def test_it_is_open_only_when_all_that_it_needs_holds(document, recipient, channel, verdict, clauses, conditions):
    found = route(document, recipient, channel)
    for holding in EVERY_HOLDING:
        assert found.is_open(holding) is (verdict != "refused" and set(conditions) <= set(holding))
        assert set(found.missing(holding)) == set(conditions) - set(holding)


def test_the_expectation_speaks_of_every_route_once():
    assert len(EXPECTED) == len(ROWS) == 48
    assert set(EXPECTED) == {(d, r, c) for d in Document for r in Recipient for c in Channel}
    assert len({(row.document, row.recipient, row.channel) for row in ROUTES}) == len(ROUTES) == 48


@pytest.mark.policy("OGP-7", "OGP-9")
@pytest.mark.parametrize("recipient", FAMILY)
@pytest.mark.parametrize("document", [d for d in Document if d != Document.LETTER])
def test_no_setting_mark_or_approval_posts_or_emails_it_to_family(document, recipient):
    """Registered post of minutes out of area is the one exception, and that is allowed by its own row."""
    for channel in (Channel.POST, Channel.REGISTERED_POST, Channel.SECURE_EMAIL):
        if (document, recipient, channel) == (
            Document.MINUTES,
            Recipient.FAMILY_OUT_OF_AREA,
            Channel.REGISTERED_POST,
        ):
            continue
        for by_email in (False, True):
            for sensitive in (False, True):
                found = route(document, recipient, channel, letters_by_email=by_email, sensitive=sensitive)
                assert not any(found.is_open(holding) for holding in EVERY_HOLDING)


@pytest.mark.policy("CLS-6")
@pytest.mark.parametrize("recipient", list(Recipient))
def test_an_office_can_turn_secure_email_of_letters_on_and_of_nothing_else(recipient):
    assert route(Document.LETTER, recipient, Channel.SECURE_EMAIL, letters_by_email=True).is_open()
    for document in Document:
        for channel in Channel:
            if (document, channel) != (Document.LETTER, Channel.SECURE_EMAIL):
                with_it = route(document, recipient, channel, letters_by_email=True)
                assert with_it.verdict == EXPECTED[document, recipient, channel]


@pytest.mark.policy("CLS-6")
@pytest.mark.parametrize("by_email", [False, True])
@pytest.mark.parametrize("recipient", list(Recipient))
def test_a_sensitive_letter_is_held_to_registered_post_or_by_hand(recipient, by_email):
    ways = {
        channel
        for channel in Channel
        if route(Document.LETTER, recipient, channel, letters_by_email=by_email, sensitive=True).is_open()
    }
    assert ways == {Channel.REGISTERED_POST, Channel.BY_HAND}
    refused = route(Document.LETTER, recipient, Channel.POST, letters_by_email=by_email, sensitive=True)
    assert refused.sentence == (
        "This letter is marked sensitive, and is held to registered post or delivery by hand (CLS-6). "
        "It can go by registered post, or by hand, carried by the social worker."
    )


@pytest.mark.policy("OGP-7", "OGP-8", "OGP-9", "CLS-6")
def test_a_pack_follows_its_strictest_item():
    """All 15 packs × recipient × channel: the verdict is the worst of the hand-written ones, no condition is lost."""
    packs = chain.from_iterable(combinations(Document, n) for n in range(1, len(Document) + 1))
    conditions = {row[:3]: set(row[5]) for row in ROWS}
    for pack in packs:
        for recipient in Recipient:
            for channel in Channel:
                found = route_of_pack(pack, recipient, channel)
                verdicts = [EXPECTED[document, recipient, channel] for document in pack]
                assert found.verdict == max(verdicts, key=STRICTNESS.index)
                if found.verdict != Verdict.REFUSED:
                    needed = set().union(*(conditions[document, recipient, channel] for document in pack))
                    assert set(found.conditions) == needed


def test_the_order_within_a_pack_and_copies_make_no_difference():
    one = route_of_pack([Document.LETTER, Document.CP_REPORT], "family_in_area", "post")
    other = route_of_pack([Document.CP_REPORT, Document.LETTER, Document.LETTER], "family_in_area", "post")
    assert (one.verdict, one.clauses, one.sentence) == (other.verdict, other.clauses, other.sentence)


@pytest.mark.parametrize(
    ("pack", "recipient", "channel", "sentence"),
    [
        pytest.param(
            ["cp_report"],
            "family_out_of_area",
            "registered_post",
            "CP and LAC reports are never posted or e-mailed to family members, in area or out (OGP-7). "
            "It can go by hand, carried by the social worker.",
            marks=pytest.mark.policy("OGP-7"),
        ),
        pytest.param(
            ["minutes"],
            "family_out_of_area",
            "post",
            "Minutes to family out of area may be posted by registered post only (OGP-8). "
            "It can go by registered post (needs: out of area approved, tracking number), "
            "or by hand, carried by the social worker.",
            marks=pytest.mark.policy("OGP-8"),
        ),
        pytest.param(
            ["minutes"],
            "professional",
            "by_hand",
            "Minutes are e-mailed to professionals (OGP-9). It can go by secure e-mail.",
            marks=pytest.mark.policy("OGP-9"),
        ),
        pytest.param(
            ["lac_report"],
            "professional",
            "registered_post",
            "A report goes to a professional by registered post only where a manager approves it (CLS-6). "
            "Ask a team manager or deputy team manager other than yourself, with your reason.",
            marks=pytest.mark.policy("CLS-6"),
        ),
        pytest.param(
            ["letter", "minutes"],
            "professional",
            "post",
            "Minutes are no longer posted (OGP-9). No one way is open to all of these together: send them separately.",
            marks=pytest.mark.policy("OGP-9"),
        ),
        pytest.param(
            ["letter", "lac_report"],
            "family_in_area",
            "secure_email",
            None,
            marks=pytest.mark.policy("OGP-7"),
        ),
    ],
)
def test_a_refusal_says_what_the_policy_says_and_which_way_is_open(pack, recipient, channel, sentence):
    found = route_of_pack(pack, recipient, channel)
    assert not found.is_open()
    if sentence:
        assert found.sentence == sentence
    else:
        assert found.sentence.endswith("It can go by hand, carried by the social worker.")


def test_an_empty_pack_and_an_unknown_name_are_errors_not_answers():
    with pytest.raises(EmptyPack, match="at least one"):
        route_of_pack([], Recipient.PROFESSIONAL, Channel.POST)
    for asked in (("memo", "professional", "post"), ("letter", "friend", "post"), ("letter", "professional", "fax")):
        with pytest.raises(ValueError, match="is not a valid"):
            route(*asked)


def test_what_has_no_row_is_refused(monkeypatch):
    monkeypatch.setattr("letters.routes.ROUTES", ())
    assert not any(route(d, r, c).is_open(list(Condition)) for d in Document for r in Recipient for c in Channel)
