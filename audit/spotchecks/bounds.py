"""How many to look at, and what a result proves: exact, in whole numbers. Pure.

Source: OGP-10. A lot of N items holds D faulty ones; n are drawn without putting back, so the faults found are
hypergeometric. Only drawn items count, never those picked by hand. Floating point would decide ties by chance, so
everything is compared as integers.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import comb

SURE = Fraction(95, 100)
SMALLEST = Decimal("0.0001")  # one in ten thousand; below that, whole numbers grow without use
Share = Fraction | Decimal | str | float


class BoundsError(ValueError):
    """These numbers describe no lot and no sample."""


def faulty_in(share: Share, lot: int) -> int:
    """D = ⌈share × lot⌉: how many are faulty if `share` or more of the lot is. A share is 0.0001 to 1.

    A float counts as the decimal it is written as: 0.07 of 100 is 7, not 8. Raises BoundsError.
    """
    if lot < 1:
        raise BoundsError("A lot has at least one item.")
    part = _share(share, "The share of faults")
    return -(-part.numerator * lot // part.denominator)


def sample_size(share: Share, lot: int | None = None, sure: Share = SURE) -> int:
    """The least number to draw so that at least one fault is found, `sure` or surer, if `share` or more is faulty.

    `lot` None: unlimited. 10 %, 5 % and 2 % need 29, 59 and 149; 5 % of 40, 100 and 1,000 need 31, 45 and 57.
    Raises BoundsError for a share or a certainty that is none, or an empty lot.
    """
    part, doubt = _share(share, "The share of faults"), 1 - _share(sure, "The certainty")
    faulty = None if lot is None else faulty_in(part, lot)
    if lot is None and doubt == 0 and part < 1:
        raise BoundsError("Of an unlimited lot nothing is ever wholly certain. Ask for less than 100 %.")

    def enough(n: int) -> bool:
        """Is the chance to draw n and meet no fault at most the doubt that is left?"""
        if lot is None or faulty is None:
            return (1 - part) ** n <= doubt
        return _none_found(n, faulty, lot) <= doubt

    high = 1
    while not enough(high):
        high *= 2
    low = high // 2  # not enough, or 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def upper_bound(found: int, drawn: int, lot: int, sure: Share = SURE) -> int:
    """The most faulty items that the lot can hold after `found` faults in `drawn`: largest D with P(X ≤ k) > 1 - sure.

    20 clean of 200 still permits 26. Raises BoundsError unless 0 ≤ found ≤ drawn ≤ lot and 0 < sure ≤ 1.
    """
    if not 0 <= found <= drawn <= lot:
        raise BoundsError("Faults found can't outnumber what was drawn, nor that the lot.")
    doubt = 1 - _share(sure, "The certainty")
    if doubt == 0:
        return lot - (drawn - found)  # all that was not seen to be sound
    everything = comb(lot, drawn)
    low, high = found, lot - (drawn - found)
    while low < high:
        middle = (low + high + 1) // 2
        if _ways_up_to(found, drawn, middle, lot) * doubt.denominator > doubt.numerator * everything:
            low = middle
        else:
            high = middle - 1
    return low


def _ways_up_to(found: int, drawn: int, faulty: int, lot: int) -> int:
    """In how many ways can `drawn` be drawn so that at most `found` of them are among the `faulty`?"""
    sound = lot - faulty
    first = max(0, drawn - sound)
    if first > found:
        return 0
    ways = comb(faulty, first) * comb(sound, drawn - first)
    total = ways
    for k in range(first, min(found, faulty, drawn)):
        # The next of C(D, k) × C(N - D, n - k), from the one before; it divides without a rest.
        ways = ways * (faulty - k) * (drawn - k) // ((k + 1) * (sound - drawn + k + 1))
        total += ways
    return total


def _none_found(drawn: int, faulty: int, lot: int) -> Fraction:
    """The exact chance that none of the `drawn` is among the `faulty`."""
    if drawn + faulty > lot:
        return Fraction(0)
    fewer, more = sorted((drawn, faulty))  # C(N - D, n) / C(N, n) is the same with D and n changed over
    above = below = 1
    for i in range(fewer):
        above *= lot - more - i
        below *= lot - i
    return Fraction(above, below)


def _share(value: Share, name: str) -> Fraction:
    """As a fraction; refused first as a decimal, so that "1e-999999999" costs nothing."""
    try:
        part = value if isinstance(value, Fraction) else Decimal(str(value))
        if SMALLEST <= part <= 1:
            return Fraction(part)
    except (InvalidOperation, ValueError):  # not a number at all, or one like NaN that has no order
        pass
    raise BoundsError(f"{name} is a number from {SMALLEST} to 1, like 0.05.")
