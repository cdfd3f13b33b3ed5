"""What safeguarding uploads becomes what is given out: Word and PDF, on the page and as bytes (OGP-7, OGP-9, CLS-5).

Nothing of its making goes with it: neither author nor metadata, neither comments nor what was struck out.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from distribution import documents
from distribution.documents import take_in, text_of
from distribution.models import Distribution, Item
from distribution.tests.world import Conference, fresh
from postroom.files.store import read
from postroom.people.models import User
from postroom.steps.errors import InvalidStep
from postroom.uploads import Checked, Kind
from postroom.uploads.tests import samples
from tests.support import world

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-7", "OGP-9")]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
AUTHOR = "Arthur Writer"


@pytest.fixture
def conference() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def saved(word: Any) -> bytes:
    out = BytesIO()
    word.save(out)
    return out.getvalue()


def report() -> bytes:
    """A Word file as safeguarding writes one: headings, a table, a list; its author, what was struck out, a comment."""
    word = Document()
    word.core_properties.author = word.core_properties.last_modified_by = AUTHOR
    word.core_properties.comments = "Drafted at 77 Hidden Lane."
    word.add_heading("Review conference", 1)
    word.add_paragraph("The plan goes on: <b>no</b> change & no delay.")
    word.add_paragraph("Meet every four weeks.", style="List Bullet")
    table = word.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "By whom", "The core group"
    struck = f'<w:del {nsdecls("w")} w:id="1" w:author="{AUTHOR}"><w:r><w:delText>Struck out.</w:delText></w:r></w:del>'
    paragraph = word.add_paragraph("It stands.")
    paragraph._p.append(parse_xml(struck))
    word.add_comment(paragraph.runs, text="Is that so?", author=AUTHOR)
    return saved(word)


def checked(data: bytes, kind: Kind = Kind.WORD) -> Checked:
    return Checked(kind, "application/octet-stream", data)


def entries(conference: Conference, data: bytes, **over: Any) -> dict[str, Any]:
    today = timezone.localdate()
    day = {"meeting_on_day": today.day, "meeting_on_month": today.month, "meeting_on_year": today.year}
    to = [conference.parent.pk, conference.teacher.pk]
    return {
        "document": "lac_report", **day, "recipients": to, "file": SimpleUploadedFile("report.bin", data), **over
    }  # fmt: skip


def test_a_word_report_is_issued_as_a_pdf_and_kept_as_it_came(conference: Conference) -> None:
    data, client = report(), signed_in(conference.safeguarding)
    page = reverse("distribution:issue", args=[conference.desk.case.reference])
    answer = client.post(page, entries(conference, data))
    made = Distribution.objects.get()
    assert answer.url == reverse("distribution:set", args=[made.reference])
    assert read(made.original_id) == data
    assert {(item.pdf_id, item.pages) for item in made.items.all()} == {(made.pdf_id, 1)}
    shown = client.get(reverse("distribution:set_pdf", args=[made.reference]))
    assert shown["Content-Type"] == "application/pdf"
    text = " ".join(text_of(b"".join(shown.streaming_content) if shown.streaming else shown.content).split())
    for words in ("Review conference", "<b>no</b> change & no delay.", "Meet every four weeks.", "By whom",
                  "The core group", "It stands.", "Page 1 of 1"):  # fmt: skip
        assert words in text
    for words in ("Struck out", "Is that so", AUTHOR):
        assert words not in text


def test_nothing_of_its_making_goes_with_it(conference: Conference) -> None:
    title = "LAC report of 20 July 2026"
    for kind, data in ((Kind.WORD, report()), (Kind.PDF, made_elsewhere())):
        given = read(take_in(checked(data, kind), title=title).pdf.pk)
        with pikepdf.open(BytesIO(given)) as opened:
            whole = b"".join(one.read_raw_bytes() if _pictured(one) else one.read_bytes() for one in streams(opened))
            whole += "\n".join(str(value) for value in opened.docinfo.values()).encode() + given
            with opened.open_metadata() as meta:
                assert str(meta.get("dc:title", "") or opened.docinfo.get("/Title", "")) == title
            assert not opened.attachments
            assert len(opened.pages) == 1
        for secret in (AUTHOR, "Hidden Lane", "Word of the maker", "attached.txt"):
            assert secret.encode() not in whole
            assert secret.encode("utf-16-be") not in whole


def streams(pdf: pikepdf.Pdf) -> list[pikepdf.Stream]:
    return [one for one in pdf.objects if isinstance(one, pikepdf.Stream)]


def _pictured(stream: pikepdf.Stream) -> bool:
    return stream.get("/Filter") == pikepdf.Name.DCTDecode


def made_elsewhere() -> bytes:
    """A PDF that tells of its making wherever a PDF can."""
    with pikepdf.open(BytesIO(samples.pdf(1, "What was agreed"))) as pdf:
        pdf.docinfo["/Author"], pdf.docinfo["/Keywords"] = AUTHOR, "77 Hidden Lane"
        with pdf.open_metadata() as meta:
            meta["dc:creator"] = [AUTHOR]
        pdf.attachments["attached.txt"] = b"77 Hidden Lane"
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Contents=AUTHOR, Rect=[0, 0, 9, 9]
        )
        pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(note)])
        pdf.pages[0].PieceInfo = pikepdf.Dictionary(Maker=pikepdf.Dictionary(Private="Word of the maker"))
        picture = pdf.make_stream(samples.picture(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image)
        picture.Width, picture.Height, picture.BitsPerComponent = 400, 300, 8
        picture.ColorSpace, picture.Filter = pikepdf.Name.DeviceRGB, pikepdf.Name.DCTDecode
        picture.Metadata = pdf.make_stream(AUTHOR.encode())
        pdf.pages[0].Resources.XObject = pikepdf.Dictionary(Picture=picture)
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem(AUTHOR, 0))
        return samples.saved(pdf)


def test_what_is_filled_into_a_form_stays(conference: Conference) -> None:
    """It shows on the page that is given out; that it was a form does not."""
    with pikepdf.open(BytesIO(samples.pdf(1, "Agreed by"))) as pdf:
        font = pikepdf.Dictionary(F1=pdf.pages[0].Resources.Font.F1)
        shown = pdf.make_stream(b"/Tx BMC BT /F1 11 Tf 2 5 Td (Ms Chair) Tj ET EMC")
        shown.Type, shown.Subtype, shown.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, [0, 0, 200, 20]
        shown.Resources = pikepdf.Dictionary(Font=font)
        field = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="by", V="Ms Chair",
                DA="/F1 11 Tf", Rect=[72, 400, 272, 420], F=4, AP=pikepdf.Dictionary(N=shown),
            )
        )  # fmt: skip
        pdf.pages[0].Annots = pikepdf.Array([field])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]), DR=pikepdf.Dictionary(Font=font))
        filled = samples.saved(pdf)
    given = read(take_in(checked(filled, Kind.PDF), title="Minutes").pdf.pk)
    assert "Ms Chair" in text_of(given)
    with pikepdf.open(BytesIO(given)) as opened:
        assert "/AcroForm" not in opened.Root
        assert "/Annots" not in opened.pages[0]


def with_picture() -> bytes:
    word = Document()
    word.add_paragraph("The family tree:")
    word.add_picture(BytesIO(samples.picture("PNG")))
    return saved(word)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (with_picture, "This Word file has pictures in it, which would be lost."),
        (lambda: saved(Document()), "There is no text in this Word file."),
        (lambda: samples.word("No letter: \u0378."), "These characters can&#x27;t be printed here"),
        (lambda: samples.word(*["Longer than may be given out."] * 120), "at most 2 can be given out"),
    ],
    ids=["pictures", "empty", "letters that no font has", "too long"],
)
def test_a_word_file_that_would_lose_something_is_refused(
    conference: Conference, monkeypatch: pytest.MonkeyPatch, data: Any, words: str
) -> None:
    monkeypatch.setattr(documents, "MAX_PAGES", 2)
    page = reverse("distribution:issue", args=[conference.desk.case.reference])
    answer = signed_in(conference.safeguarding).post(page, entries(conference, data()))
    assert answer.status_code == 422
    body = answer.content.decode()
    assert "There is a problem" in body
    assert words in body
    assert 'value="lac_report"' in body
    assert not Distribution.objects.exists()


def test_one_that_can_not_be_read_says_so() -> None:
    with pytest.raises(InvalidStep, match="can't be read") as error:
        take_in(checked(b"PK no Word file"), title="Minutes")
    assert error.value.field == "file"


@pytest.mark.policy("CLS-6")
def test_a_version_of_their_own_may_be_a_word_file_too(conference: Conference) -> None:
    item = conference.item("minutes", conference.parent)
    page = reverse("distribution:version", args=[item.reference])
    sent = {"seen_version": item.version, "seen_hash": item.content_hash, "redaction_confirmed": "on"}
    sent["file"] = SimpleUploadedFile("own.docx", samples.word("What she may see."))
    assert signed_in(conference.safeguarding).post(page, sent).status_code == 302
    own = fresh(item)
    assert "What she may see." in text_of(read(own.pdf_id))
    assert own.redacted_by == conference.safeguarding
    assert own.content_hash == own.pdf_id != Item.objects.get(pk=item.pk).distribution.pdf_id
    assert "What the conference said." in text_of(read(own.distribution.pdf_id))


@pytest.mark.policy("OGP-8")
def test_only_addresses_that_may_be_posted_to_are_offered(conference: Conference) -> None:
    """The father has an address in area as well: minutes may not be posted there."""
    near = world.make_address(conference.away, conference.desk.worker)
    item = conference.item("minutes", conference.away)
    body = signed_in(conference.desk.worker).get(reverse("distribution:ready", args=[item.reference])).content.decode()
    assert f'name="address" value="{conference.away_address.pk}"' in body
    assert f'name="address" value="{near.pk}"' not in body
