"""Signing, pp, and confirming the signature on paper, in a browser (OGP-3a, OGP-3b)."""

import io

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from letters import actions
from letters.models import Signature
from letters.states import State
from letters.tests.work_help import desk, elsewhere, last_entry, screen_desk, seen, signed_in, url, words_of
from postroom.files.models import StoredFile
from postroom.people.models import DutySlot
from postroom.steps.engine import Seen
from tests.support import world

__all__ = ["desk", "elsewhere", "screen_desk"]


def printed(desk: world.Desk) -> world.Letter:
    """A checked letter with a print of its version."""
    letter = world.letter_in(desk, State.WORKER_CHECKED)
    return actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))


@pytest.mark.policy("OGP-3a")
def test_the_worker_signs_the_print(desk):
    letter = printed(desk)
    browser = signed_in(desk.worker)
    page = words_of(browser.get(url("sign", letter)))
    assert "Allocated worker of the case" in page
    assert desk.admin.name in page  # who made the print
    response = browser.post(url("sign", letter), seen(letter))
    assert response.status_code == 302
    signature = Signature.objects.get()
    assert (signature.by, signature.kind, signature.medium) == (desk.worker, "worker", "paper")
    assert last_entry(letter).action == "sign"


def test_without_a_print_the_page_says_so_and_nothing_is_signed(desk):
    letter = world.letter_in(desk, State.WORKER_CHECKED)
    browser = signed_in(desk.worker)
    for response in (browser.get(url("sign", letter)), browser.post(url("sign", letter), seen(letter))):
        assert response.status_code == 409
        assert "no print of this version to sign yet" in words_of(response)
    assert not Signature.objects.exists()


@pytest.mark.policy("OGP-3b")
@pytest.mark.parametrize(
    ("who", "authority"),
    [
        ("duty", "On the duty rota of Riverside"),
        ("ap", "Advanced practitioner, Riverside"),
        ("deputy", "Deputy team manager, Riverside"),
        ("manager", "Team manager, Riverside"),
    ],
)
def test_pp_shows_and_keeps_the_authority(desk, who, authority):
    letter = printed(desk)
    browser = signed_in(getattr(desk, who))
    page = words_of(browser.get(url("pp", letter)))
    assert authority in page
    assert desk.worker.name in page
    assert browser.post(url("pp", letter), seen(letter)).status_code == 302
    signature = Signature.objects.get()
    assert signature.kind == "pp"
    assert signature.signed_for == desk.worker
    assert signature.authority.startswith(authority)


@pytest.mark.policy("OGP-3b")
def test_nobody_else_signs(desk, elsewhere):
    letter = printed(desk)
    data = seen(letter)
    assert signed_in(desk.admin).get(url("pp", letter)).status_code == 403
    assert signed_in(desk.admin).post(url("pp", letter), data).status_code == 403
    assert signed_in(desk.admin).post(url("sign", letter), data).status_code == 403
    assert signed_in(desk.manager).post(url("sign", letter), data).status_code == 403
    assert signed_in(desk.worker).post(url("pp", letter), data).status_code == 403
    assert signed_in(elsewhere.manager).post(url("pp", letter), data).status_code == 404
    DutySlot.objects.all().delete()
    assert signed_in(desk.duty).post(url("pp", letter), data).status_code == 404
    assert not Signature.objects.exists()


def test_signing_what_changed_meanwhile_is_refused(desk):
    letter = printed(desk)
    stale = seen(letter)
    actions.type_letter(
        letter=letter, by=desk.admin, seen=Seen.of(letter), typed=world.typed("Other."), reason="A slip of mine."
    )
    response = signed_in(desk.worker).post(url("sign", letter), stale)
    assert response.status_code == 409
    assert "Changed after the check" in words_of(response)
    assert not Signature.objects.exists()


@pytest.mark.parametrize("name", ["sign", "pp"])
def test_signing_needs_a_checked_letter(desk, name):
    letter = world.letter_in(desk, State.SIGNED)
    who = desk.worker if name == "sign" else desk.manager
    assert signed_in(who).get(url(name, letter)).status_code == 409
    assert signed_in(who).post(url(name, letter), seen(letter)).status_code == 409


def test_on_screen_the_signature_block_is_filled_in(screen_desk):
    letter = world.letter_in(screen_desk, State.WORKER_CHECKED)
    browser = signed_in(screen_desk.worker)
    assert "go into the signature block" in words_of(browser.get(url("sign", letter)))
    browser.post(url("sign", letter), seen(letter))
    assert Signature.objects.get().pdf_id
    assert world.fresh(letter).signature_medium == "screen"


def upload(data: bytes, name: str = "scan.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="application/octet-stream")


def pdf_bytes(password: str = "") -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(595, 842))
        document.save(out, encryption=pikepdf.Encryption(owner=password, user=password) if password else False)
    return out.getvalue()


def picture_bytes(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("L", (40, 60), 255).save(out, kind)
    return out.getvalue()


@pytest.mark.policy("OGP-3a")
def test_admin_confirms_that_the_paper_bears_the_signature(desk):
    letter = world.letter_in(desk, State.SIGNED)
    browser = signed_in(desk.admin)
    assert desk.worker.name in words_of(browser.get(url("confirm_signature", letter)))
    response = browser.post(url("confirm_signature", letter), {**seen(letter), "bears_signature": "on"})
    assert response.status_code == 302
    assert world.fresh(letter).sheets_in_hand
    assert Signature.objects.get().confirmed_by == desk.admin
    assert last_entry(letter).action == "confirm_signature"


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (pdf_bytes(), "application/pdf"),
        (picture_bytes("JPEG"), "image/jpeg"),
        (picture_bytes("PNG"), "image/png"),
    ],
)
def test_a_scan_is_known_by_its_content(desk, data, media_type):
    letter = world.letter_in(desk, State.SIGNED)
    sent = {**seen(letter), "bears_signature": "on", "scan": upload(data, "whatever.exe")}
    assert signed_in(desk.admin).post(url("confirm_signature", letter), sent).status_code == 302
    assert Signature.objects.get().scan.media_type == media_type


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"MZ not a scan", "Programs are never taken"),
        (b"%PDF-1.7 broken", "can't be opened"),
        (pdf_bytes("secret"), "locked with a password"),
        (picture_bytes("PNG")[:60], "damaged or cut off"),
        (picture_bytes("PNG")[:-9], "damaged or cut off"),
        (picture_bytes("JPEG")[:-40], "damaged or cut off"),
        (picture_bytes("GIF"), "a PDF or a picture (JPEG or PNG)"),
        (b"", "empty"),
        (b"\x00" * (10 * 1024 * 1024 + 1), "at most 10 MB"),
    ],
)
def test_a_bad_scan_is_refused_in_a_sentence(desk, data, words):
    letter = world.letter_in(desk, State.SIGNED)
    sent = {**seen(letter), "bears_signature": "on", "scan": upload(data)}
    response = signed_in(desk.admin).post(url("confirm_signature", letter), sent)
    assert response.status_code == 200
    assert words.lower() in words_of(response).lower()
    assert not world.fresh(letter).sheets_in_hand


def test_a_scan_says_whether_a_virus_scanner_saw_it_and_waits_for_one_that_is_set_up(desk, settings):
    letter = world.letter_in(desk, State.SIGNED)
    browser = signed_in(desk.admin)

    def sent():
        return {**seen(letter), "bears_signature": "on", "scan": upload(pdf_bytes())}

    settings.CLAMD_URL = "tcp://127.0.0.1:1"
    refused = words_of(browser.post(url("confirm_signature", letter), sent()))
    assert "The virus scanner doesn't answer, so no file can be taken now" in refused
    assert not world.fresh(letter).sheets_in_hand
    settings.CLAMD_URL = ""
    assert browser.post(url("confirm_signature", letter), sent()).status_code == 302
    assert "(not scanned for viruses)" in words_of(browser.get(url("letter", letter)))
    StoredFile.objects.filter(from_outside=True).update(scanned_at=timezone.now())
    assert "(scanned for viruses)" in words_of(browser.get(url("letter", letter)))


def test_confirming_needs_the_tick_the_role_and_the_state(desk, elsewhere):
    letter = world.letter_in(desk, State.SIGNED)
    data = seen(letter)
    response = signed_in(desk.admin).post(url("confirm_signature", letter), data)
    assert response.status_code == 200
    assert "confirm that they bear the signature" in words_of(response)
    ticked = {**data, "bears_signature": "on"}
    assert signed_in(desk.worker).post(url("confirm_signature", letter), ticked).status_code == 403
    assert signed_in(elsewhere.admin).post(url("confirm_signature", letter), ticked).status_code == 404
    typed = world.letter_in(desk, State.TYPED)
    assert signed_in(desk.admin).get(url("confirm_signature", typed)).status_code == 409
    assert not world.fresh(letter).sheets_in_hand


def test_confirming_goes_on_to_the_next_signed_paper(desk):
    first, second = (world.letter_in(desk, State.SIGNED) for _ in range(2))
    data = {**seen(first), "bears_signature": "on", "then": "next"}
    browser = signed_in(desk.admin)
    assert browser.post(url("confirm_signature", first), data).url == url("confirm_signature", second)
    data = {**seen(second), "bears_signature": "on", "then": "next"}
    assert browser.post(url("confirm_signature", second), data).url == "/"


def test_on_screen_there_is_no_paper_to_confirm(screen_desk):
    letter = world.letter_in(screen_desk, State.SIGNED)
    assert signed_in(screen_desk.admin).get(url("confirm_signature", letter)).status_code == 409
