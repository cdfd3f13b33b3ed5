"""Before drawing: how many, from which part, and what a clean result will and won't prove, in plain words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from audit.spotchecks.bounds import SURE, faulty_in, sample_size, upper_bound


@dataclass(frozen=True)
class Promise:
    """What drawing `sample` of `count` proves if all of it is in order: at most `at_most` are faulty, 95 % sure."""

    count: int
    sample: int
    at_most: int

    @property
    def proves(self) -> str:
        """One plain sentence."""
        if self.sample == self.count:
            return f"You look at all {self.count}, so the result is exact."
        return (
            f"If all {self.sample} are in order, you can be 95 % sure that at most {self.at_most} of the {self.count} "
            f"items ({percent(self.at_most, self.count)}) {'is' if self.at_most == 1 else 'are'} faulty."
        )

    @property
    def not_proves(self) -> str:
        """What people take it for, and it isn't."""
        if self.sample == self.count or not self.at_most:
            return "It says nothing of what is not on the list."
        return (
            f"It does not prove that there is none: up to {self.at_most} faulty "
            f"item{'' if self.at_most == 1 else 's'} could still be there, unseen. "
            "It says nothing of what is not on the list."
        )


def promise(parts: Sequence[tuple[int, int]]) -> Promise:
    """What a draw in which all is in order will prove; `parts`: (drawn, count) of each stratum, one if undivided.

    The bound is the one that the result will have (`bound_of`), so that nothing is promised that isn't kept.
    """
    at_most = bound_of([(0, drawn, count) for drawn, count in parts])
    return Promise(sum(count for _, count in parts), sum(drawn for drawn, _ in parts), at_most)


def size_for(share: Fraction, counts: Sequence[int]) -> int:
    """How many to draw so that a clean result proves, 95 % sure, that less than `share` of the whole is faulty.

    `counts`: of each stratum. One stratum: the figure of facts.md, which finds a fault so surely if so many are.
    Several take more, since each has to be bounded by itself. `allot` divides what is returned.
    """
    whole = sum(counts)
    faulty = faulty_in(share, whole)

    def enough(sample: int) -> bool:
        return promise(list(zip(allot(sample, counts), counts, strict=True))).at_most < faulty

    high = max(min(sample_size(share, whole), whole), len(counts))
    low = len(counts) - 1
    while high < whole and not enough(high):
        low, high = high, min(2 * high, whole)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def percent(part: int, whole: int) -> str:
    """As people say it: 12 %, 3.4 %, 0 %."""
    if not whole:
        return "–"
    share = 100 * part / whole
    return f"{share:.0f} %" if share >= 10 or share == round(share) else f"{share:.1f} %"


def result_words(faulty: int, sample: int, count: int, at_most: int) -> str:
    """A result with its bound, in one sentence."""
    seen = "None" if not faulty else f"{faulty}"
    head = f"{seen} of the {sample} drawn {'was' if faulty in (0, 1) else 'were'} faulty."
    if sample == count:
        return f"{head} Everything on the list was looked at, so this is exact."
    be = "is" if at_most == 1 else "are"
    return (
        f"{head} With 95 % certainty at most {at_most} of the {count} items ({percent(at_most, count)}) {be} faulty; "
        f"at least {faulty} certainly {'is' if faulty == 1 else 'are'}."
    )


def allot(sample: int, counts: Sequence[int]) -> list[int]:
    """`sample` divided over strata by their size, at least 1 and at most all of each; largest remainders first.

    Raises ValueError if there are fewer to draw than strata.
    """
    whole = sum(counts)
    sample = min(sample, whole)
    if sample < len(counts):
        raise ValueError(f"There are {len(counts)} parts, and one item at least comes from each.")
    exact = [Fraction(sample * count, whole) for count in counts]
    parts = [max(1, min(count, int(share))) for share, count in zip(exact, counts, strict=True)]
    order = sorted(range(len(counts)), key=lambda n: (int(exact[n]) - exact[n], n))
    while sum(parts) != sample:
        for n in order if sum(parts) < sample else reversed(order):
            step = 1 if sum(parts) < sample else -1
            if 1 <= parts[n] + step <= counts[n]:
                parts[n] += step
            if sum(parts) == sample:
                break
    return parts


def bound_of(strata: Sequence[tuple[int, int, int]]) -> int:
    """The most faulty items in the whole frame, 95 % sure; `strata`: (faulty, drawn, count) of each.

    One stratum: the exact bound. Several: each is bounded with its part of the doubt (Bonferroni), so that their sum
    holds with 95 % certainty, whatever the strata hide from each other.
    """
    sure = 1 - (1 - SURE) / len(strata)
    return sum(upper_bound(faulty, drawn, count, sure) for faulty, drawn, count in strata)
