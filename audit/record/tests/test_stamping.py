"""RFC 3161 stamps, against a service of our own on loopback."""

import base64
import datetime as dt

import pytest
from django.utils import timezone

from audit.record.stamping import StampRefused, _roots, ask_for_stamp, stamp_time
from audit.record.tests.tsa import Service, TimeStamping

pytestmark = pytest.mark.policy("OGP-0")
DIGEST = "ab" * 32


@pytest.fixture(scope="module")
def stamping():
    return TimeStamping()


@pytest.fixture
def roots(stamping, settings, tmp_path):
    path = tmp_path / "roots.pem"
    path.write_bytes(stamping.root_pem())
    settings.TSA_ROOTS = str(path)
    yield path
    _roots.cache_clear()


def test_a_stamp_is_fetched_and_proves_when(stamping, roots):
    with Service(stamping) as url:
        receipt = ask_for_stamp(url, DIGEST)
    assert abs(stamp_time(receipt, DIGEST) - timezone.now()) < dt.timedelta(minutes=5)


def test_a_stamp_of_another_hash_proves_nothing(stamping, roots):
    with Service(stamping) as url:
        receipt = ask_for_stamp(url, DIGEST)
    with pytest.raises(StampRefused):
        stamp_time(receipt, "ac" * 32)


def test_a_service_that_we_do_not_trust_is_refused(roots):
    with Service(TimeStamping("Somebody else")) as url, pytest.raises(StampRefused):
        ask_for_stamp(url, DIGEST)


def test_an_old_answer_played_again_is_refused(stamping, roots):
    with Service(stamping) as url:
        old = base64.b64decode(ask_for_stamp(url, DIGEST))
    with Service(stamping, answer=old) as url, pytest.raises(StampRefused):
        ask_for_stamp(url, DIGEST)


@pytest.mark.parametrize("answer", [b"", b"no stamp", b"\x30\x03\x02\x01\x02", b"x" * 70_000])
def test_nonsense_is_refused(stamping, roots, answer):
    with Service(stamping, answer=answer) as url, pytest.raises(StampRefused):
        ask_for_stamp(url, DIGEST)


@pytest.mark.parametrize("place", [40, 200, 700, -5])
def test_one_bit_of_a_stamp_changed_is_refused(stamping, roots, place):
    with Service(stamping) as url:
        raw = bytearray(base64.b64decode(ask_for_stamp(url, DIGEST)))
    raw[place] ^= 1
    with pytest.raises(StampRefused):
        stamp_time(base64.b64encode(bytes(raw)).decode(), DIGEST)


def test_an_address_that_is_no_web_address_is_not_opened(roots):
    with pytest.raises(OSError, match="TSA_URL"):
        ask_for_stamp("file:///etc/hostname", DIGEST)
