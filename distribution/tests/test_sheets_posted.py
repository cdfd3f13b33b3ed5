"""What goes by registered post: every sheet says whose it is, and that print alone is proved and kept."""

from __future__ import annotations

import hashlib

import pypdfium2
import pytest
import zxingcpp
from django.urls import reverse

from distribution.documents import text_of
from distribution.models import Item
from distribution.tests.world import Conference, fresh
from letters.models import EnvelopeStock
from letters.rendering.stock import DL
from letters.rendering.window_proof import prove_window
from letters.routes import Channel
from letters.tests.desk_help import signed_in
from postroom.files.store import path_of, read
from postroom.ledger.models import Entry
from tests.support import world

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-4a", "OGP-4b", "OGP-8")]


@pytest.fixture
def conference() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


def codes(pdf: bytes) -> list[list[str]]:
    """What a hand scanner reads off each sheet."""
    document = pypdfium2.PdfDocument(pdf)
    found = []
    for page in document:
        picture = page.render(scale=200 / 72).to_pil()
        found.append([code.text for code in zxingcpp.read_barcodes(picture)])
        page.close()
    document.close()
    return found


def test_every_sheet_says_whose_it_is_and_the_window_is_proved_on_that_print(conference: Conference) -> None:
    item = conference.in_state("released by post")
    page = reverse("distribution:cover_pdf", args=[item.reference])
    printed = signed_in(conference.desk.admin).get(page)
    assert printed.status_code == 200
    pages = item.pages + 1
    assert codes(printed.content) == [[f"{item.reference}-1-{n}-{pages}"] for n in range(1, pages + 1)]
    text = text_of(printed.content)
    assert f"{item.reference}, cover sheet, page 1 of 1" in text
    assert f"{item.reference}, page {item.pages} of {item.pages}" in text
    assert "What the conference said." in text
    proof = prove_window(printed.content, DL)
    assert proof.ok
    assert proof.address[0] == item.person.name


def test_what_is_kept_at_the_envelope_is_the_marked_print_and_the_ledger_has_its_hash(conference: Conference) -> None:
    item = conference.in_state("released by post, in envelope")
    kept = read(str(item.cover_id))
    assert len(codes(kept)) == item.pages + 1
    assert all(codes(kept))
    assert hashlib.sha256(kept).hexdigest() == item.cover_id
    assert f'"cover":"{item.cover_id}"' in Entry.objects.filter(subject=item.ledger_subject).latest("seq").payload
    file = Item.objects.get(pk=item.pk).cover
    assert file is not None
    assert file.from_outside  # it holds what was uploaded, and says so


def test_nothing_unmarked_is_offered_to_be_printed_for_the_envelope(conference: Conference) -> None:
    item = conference.in_state("released by post")
    page = signed_in(conference.desk.admin).get(reverse("distribution:envelope", args=[item.reference]))
    body = page.content.decode()
    assert reverse("distribution:cover_pdf", args=[item.reference]) in body
    assert reverse("distribution:item_pdf", args=[item.reference]) not in body


def test_a_file_that_is_gone_stops_the_step_in_words(conference: Conference) -> None:
    item = conference.ready(conference.item("minutes", conference.away), Channel.REGISTERED_POST)
    path_of(item.pdf_id).unlink()
    ticks = ("contents_checked", "new_envelope", "return_mark_on", "initials_written")
    entries = {"seen_version": item.version, "seen_hash": item.content_hash, "sheets": item.pages + 1}
    entries |= dict.fromkeys(ticks, "on") | {"stock": EnvelopeStock.objects.get(slug="dl").pk}
    answer = signed_in(conference.desk.admin).post(reverse("distribution:envelope", args=[item.reference]), entries)
    assert (answer.status_code, fresh(item).initialled_by) == (503, None)
    assert "nothing was done" in answer.content.decode()
