"""Sample sizes and bounds: the policy's printed figures, and scipy's for every k, n and N up to 60 and beyond."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
import pytest

from audit.spotchecks.bounds import BoundsError, faulty_in, sample_size, upper_bound
from audit.spotchecks.plan import allot, bound_of, promise, size_for

pytestmark = pytest.mark.policy("OGP-10")
# Nearer to 0.05 than this, floating point can't say on which side a chance lies.
TIE = 1e-9


@pytest.fixture(scope="module")
def hypergeom() -> Any:
    """Scipy's, taken in here: it takes seconds, and every process of a run would wait for it before its first test."""
    from scipy.stats import hypergeom

    return hypergeom


def test_printed_figures():
    assert [sample_size(share) for share in ("0.10", "0.05", "0.02")] == [29, 59, 149]
    assert [sample_size("0.05", lot) for lot in (40, 100, 200, 400, 1000)] == [31, 45, 51, 55, 57]
    assert upper_bound(0, 20, 200) == 26


def test_bounds_are_scipys_for_every_k_n_and_lot_up_to_60(hypergeom: Any):
    ties = 0
    for lot in range(1, 61):
        faulty, drawn = np.arange(lot + 1)[:, None, None], np.arange(lot + 1)[None, :, None]
        found = np.arange(lot + 1)[None, None, :]
        chances = np.cumsum(hypergeom.pmf(found, lot, faulty, drawn), axis=2)
        bounds = lot - np.argmax((chances > 0.05)[::-1], axis=0)
        unsure = np.any(np.abs(chances - 0.05) < TIE, axis=0)
        for n in range(lot + 1):
            for k in range(n + 1):
                if unsure[n, k]:
                    ties += 1
                else:
                    assert upper_bound(k, n, lot) == bounds[n, k], (k, n, lot)
    assert 0 < ties < 200


def test_a_chance_of_exactly_a_twentieth_no_longer_counts():
    """19 clean of 20: one faulty has a chance of exactly 0.05, and the rule says more than 0.05."""
    assert upper_bound(0, 19, 20) == 0
    assert upper_bound(0, 18, 20) == 1


def test_bounds_are_scipys_for_larger_lots(hypergeom: Any):
    """P(X ≤ k) only falls as D grows: above 0.05 at the bound and not at the next is what the largest D means."""
    chance = random.Random(20260720)
    for _ in range(300):
        lot = chance.randrange(61, 100_000)
        drawn = chance.randrange(1, min(lot, 600))
        found = min(drawn, chance.choice([0, 0, 1, 2, 5, chance.randrange(drawn)]))
        bound = upper_bound(found, drawn, lot)
        at, beyond = hypergeom.cdf(found, lot, [bound, min(bound + 1, lot)], drawn)
        assert at > 0.05 - TIE, (found, drawn, lot)
        assert beyond <= 0.05 + TIE or bound == lot, (found, drawn, lot)


def test_another_certainty(hypergeom: Any):
    """99 %: the bound is higher, and it is the last one that the definition lets stand."""
    bound = upper_bound(0, 20, 200, "0.99")
    assert hypergeom.cdf(0, 200, bound, 20) > 0.01 >= hypergeom.cdf(0, 200, bound + 1, 20)
    assert upper_bound(1, 20, 200, 1) == 181


def test_sample_sizes_are_the_least_that_do_by_scipy(hypergeom: Any):
    chance = random.Random(7)
    for lot in [*range(1, 61), *(chance.randrange(61, 20000) for _ in range(60))]:
        for share in ("0.01", "0.05", "0.1", "0.33", "1"):
            n, faulty = sample_size(share, lot), faulty_in(share, lot)
            missing_all = hypergeom.pmf(0, lot, faulty, [n - 1, n])
            assert missing_all[1] <= 0.05 + TIE, (lot, share)
            assert missing_all[0] > 0.05 - TIE, (lot, share)
    assert sample_size("0.05", 20) == 19  # exactly 0.05 is enough
    assert sample_size("0.05", 10**6) == 59


def test_a_clean_sample_of_the_size_asked_for_excludes_that_share():
    """The two rules agree: after a clean draw of that many, fewer are permitted than the share would be."""
    for lot in range(1, 300):
        assert upper_bound(0, sample_size("0.05", lot), lot) < faulty_in("0.05", lot)


def test_to_be_wholly_certain_all_but_the_faulty_and_one_are_drawn():
    assert sample_size("0.05", 100, 1) == 96
    with pytest.raises(BoundsError, match="nothing is ever wholly certain"):
        sample_size("0.05", None, 1)
    assert sample_size(1, None, 1) == sample_size(1, 40) == 1


def test_a_share_is_taken_as_it_is_written():
    assert faulty_in(0.07, 100) == faulty_in("0.07", 100) == faulty_in(Decimal("0.07"), 100) == 7
    assert faulty_in(Fraction(1, 3), 10) == 4
    assert faulty_in("0.05", 1) == 1


@pytest.mark.parametrize("share", [0, -0.1, 1.01, "five", "nan", "inf", "1e-999999999", "", True, Fraction(1, 10**6)])
def test_what_is_no_share_is_refused(share):
    with pytest.raises(BoundsError, match=r"from 0\.0001 to 1"):
        sample_size(share)


@pytest.mark.parametrize("numbers", [(-1, 1, 1), (2, 1, 3), (0, 4, 3)])
def test_what_is_no_sample_is_refused(numbers):
    with pytest.raises(BoundsError, match="outnumber"):
        upper_bound(*numbers)


# (drawn, count) of each part: at most so many faulty after a clean draw, each bounded with its part of the doubt.
PARTS = [
    ([(20, 200)], 26),
    ([(20, 200), (20, 200)], None),
    ([(3, 7), (5, 12), (10, 60)], None),
    ([(1, 1), (1, 30), (14, 44)], None),
]


@pytest.mark.parametrize(("parts", "known"), PARTS)
def test_what_is_promised_of_several_parts_is_what_a_clean_result_says_and_holds(parts, known):
    """By brute force: wherever one more fault than promised lies, a clean draw is rarer than one in twenty."""
    made = promise(parts)
    assert known is None or made.at_most == known
    assert made.at_most == bound_of([(0, drawn, count) for drawn, count in parts])
    assert (made.sample, made.count) == (sum(n for n, _ in parts), sum(count for _, count in parts))
    if made.at_most == made.count - made.sample:
        return
    # The chance of a clean draw, at its largest over all ways to lay one fault more than promised.
    best = {0: Fraction(1)}
    for drawn, count in parts:
        chance = [Fraction(comb(count - d, drawn), comb(count, drawn)) for d in range(count - drawn + 1)]
        after: dict[int, Fraction] = {}
        for laid, so_far in best.items():
            for d, p in enumerate(chance):
                if laid + d <= made.at_most + 1:
                    after[laid + d] = max(after.get(laid + d, Fraction(0)), so_far * p)
        best = after
    assert best[made.at_most + 1] <= Fraction(5, 100)


def test_as_many_are_drawn_from_several_parts_as_the_wish_needs():
    for share, counts in (("0.05", [400]), ("0.10", [40, 60]), ("0.05", [100, 250, 30]), ("0.02", [5, 5])):
        part, whole = Fraction(share), sum(counts)
        size = size_for(part, counts)
        made = promise(list(zip(allot(size, counts), counts, strict=True)))
        assert made.at_most < faulty_in(part, whole) or size == whole
        assert size >= min(sample_size(part, whole), whole)
        if len(counts) == 1:
            assert size == sample_size(part, whole) == 55
        elif size < whole:
            fewer = promise(list(zip(allot(size - 1, counts), counts, strict=True)))
            assert fewer.at_most >= faulty_in(part, whole)


def test_an_empty_lot_is_refused():
    with pytest.raises(BoundsError, match="at least one"):
        sample_size("0.05", 0)
