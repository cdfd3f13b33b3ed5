"""Tracking numbers of registered post: the form of UPU S10 as Royal Mail uses it. Pure.

Source: OGP-8 (a tracking number with a valid check digit) and UPU standard S10: two letters, eight digits, a check
digit, then the country, here always GB.
"""

from __future__ import annotations

_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_LENGTH = 13


class TrackingNumberError(ValueError):
    """Not a valid tracking number. Its words say why and what to do."""


def check_digit(digits: str) -> int:
    """The check digit (0–9) of eight digits 0–9. Raises TrackingNumberError if they are not that."""
    if len(digits) != len(_WEIGHTS) or not (digits.isascii() and digits.isdigit()):
        raise TrackingNumberError("A check digit is computed from exactly eight digits.")
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)


def check_tracking_number(text: str) -> str:
    """The number as it is kept, without blanks and in capitals: "rb 4731 2482 9gb" gives "RB473124829GB".

    Raises TrackingNumberError, in words that say what is wrong with it. That a number is valid says nothing of the
    product: whether it was Special Delivery Guaranteed or Signed For, only the posting receipt tells.
    """
    joined = "".join(text.split())
    if not joined:
        raise TrackingNumberError("There is no tracking number. Copy it from the posting receipt.")
    # Only after this: upper() makes "SS" of a sharp s.
    if not joined.isascii() or not joined.isalnum():
        raise TrackingNumberError(
            "A tracking number has only the letters A to Z and the digits 0 to 9. Type it from the posting receipt."
        )
    number = joined.upper()
    if len(number) != _LENGTH:
        raise TrackingNumberError(
            f"A tracking number has {_LENGTH} letters and digits, like RB473124829GB; this has {len(number)}."
        )
    if not number[:2].isalpha():
        raise TrackingNumberError("A tracking number begins with two letters, like RB473124829GB.")
    if not number[2:11].isdigit():
        raise TrackingNumberError("After the two letters come nine digits, like RB473124829GB. Is an O meant as a 0?")
    if number[11:] != "GB":
        raise TrackingNumberError(f"A Royal Mail tracking number ends with GB; this ends with {number[11:]}.")
    expected = check_digit(number[2:10])
    if int(number[10]) != expected:
        # The right one is named, but it is the reading that is to be mended, not the digit.
        raise TrackingNumberError(
            f"A digit is wrong: the check digit of {number[2:10]} is {expected}, and this has {number[10]}. "
            "Read the whole number again from the posting receipt."
        )
    return number
