"""The address: what is accepted, how it is printed, and what is refused with which code."""

import io
import json
import re

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from letters.rendering.addresses import check_address, normal_postcode

GOOD = ["Ms Jane Example", "12 Sample Street", "LONDON", "SE1 2QH"]
# As the policy facts print it, kept apart from the one under test.
SHAPE = re.compile(
    r"^(GIR ?0AA|(?:[A-PR-UWYZ]\d{1,2}|[A-PR-UWYZ][A-HK-Y]\d{1,2}|[A-PR-UWYZ]\d[A-HJKPSTUW]"
    r"|[A-PR-UWYZ][A-HK-Y]\d[ABEHMNPRV-Y]) ?\d[ABD-HJLNP-UW-Z]{2})$"
)


def codes(*lines, **options):
    return {fault.code for fault in check_address(lines, **options).faults}


@pytest.mark.policy("OGP-3a")
def test_a_plain_address_is_accepted_and_printed_as_typed():
    verdict = check_address(GOOD)
    assert verdict.ok
    assert verdict.lines == tuple(GOOD)
    assert verdict.postcode == "SE1 2QH"


def test_blanks_are_collapsed_blank_lines_dropped_and_the_postcode_put_in_capitals():
    verdict = check_address(["  Ms\u00a0 Jane\t Example", "", " \u2003", "12\u3000Sample St", "London", " se1   2qh "])
    assert verdict.ok
    assert verdict.lines == ("Ms Jane Example", "12 Sample St", "London", "SE1 2QH")


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("M1 1AE", "M1 1AE"),
        ("b338th", "B33 8TH"),
        ("cr2 6xh", "CR2 6XH"),
        ("DN551PT", "DN55 1PT"),
        ("W1A 0AX", "W1A 0AX"),
        ("ec1a1bb", "EC1A 1BB"),
        ("gir0aa", "GIR 0AA"),
        ("JE2 3AB", "JE2 3AB"),
        ("gy1 1aa", "GY1 1AA"),
        ("IM1 1AA", "IM1 1AA"),
        ("SE163EF", "SE16 3EF"),
    ],
)
def test_postcodes_with_one_blank_or_none(typed, printed):
    verdict = check_address([*GOOD[:3], typed])
    assert (verdict.ok, verdict.postcode, verdict.lines[-1]) == (True, printed, printed)


@pytest.mark.parametrize("typed", ["SE1 63EF", "S E1 2QH", "SE12 QH", "SE 12QH", "GIR0 AA", "M 11AE", "SE1 2Q H"])
def test_a_blank_in_the_wrong_place_is_a_question_and_nothing_is_repaired(typed):
    verdict = check_address([*GOOD[:3], typed])
    assert [(f.code, f.line) for f in verdict.faults] == [("postcode_space", 4)]
    assert verdict.postcode is None
    assert verdict.lines[-1] == typed


@pytest.mark.parametrize("typed", ["QA1 1AA", "SE1 2QC", "SE1 2Q", "S1L 2QH", "SE1O 2QH", "SE1-2QH"])
def test_what_looks_like_a_postcode_but_has_not_its_shape(typed):
    assert codes(*GOOD[:3], typed) == {"postcode_shape"}


@pytest.mark.parametrize(
    "typed", ["\uff33\uff25\uff11 \uff12\uff31\uff28", "sw\u0131a 1aa", "SE\u0661 2QH", "\u017fe1 2qh"]
)
def test_letters_and_figures_that_only_look_like_those_of_a_postcode(typed):
    assert normal_postcode(typed) is None
    assert not check_address([*GOOD[:3], typed]).ok


@given(st.from_regex(SHAPE, fullmatch=True).map(str.strip))
def test_every_postcode_of_the_shape_is_accepted(postcode):
    if postcode.isascii():
        assert check_address([*GOOD[:3], postcode.lower()]).ok


@given(st.text("ABCDEGHIKMNOPQRSTUVWXYZ0123456789 ", max_size=9))
def test_the_last_line_is_a_postcode_exactly_when_it_has_the_shape(text):
    collapsed = " ".join(text.split())
    assert (normal_postcode(text) is not None) == bool(SHAPE.fullmatch(collapsed))


@pytest.mark.parametrize(
    ("lines", "code", "line"),
    [
        (["Ms J", "SE1 2QH"], "too_few_lines", None),
        ([], "too_few_lines", None),
        (["Ms J", *["x1"] * 6, "SE1 2QH"], "too_many_lines", None),
        (["Ms J", "1 Road", "LONDON SE1 2QH"], "postcode_not_alone", 3),
        (["Ms J", "1 Road", "SE1 2QH."], "postcode_not_alone", 3),
        (["Ms J", "1 Road", "SE1 2QH", "LONDON"], "postcode_not_last", 3),
        (["Ms J", "1 Road", "SE1 2QH", "UNITED KINGDOM"], "postcode_not_last", 3),
        (["Ms J", "1 Road", "LONDON"], "postcode_missing", 3),
        (["Ms J", "1 Road, n1 9gu", "SE1 2QH"], "two_postcodes", 2),
        (["Ms J", "N19GU", "SE1 2QH"], "two_postcodes", 2),
        (["Ms J", "SE1 63EF", "SE1 2QH"], "postcode_space", 2),
        (["Ms J", "-----", "SE1 2QH"], "no_letter_or_digit", 2),
        (["Ms J", 12, "1 Road", "SE1 2QH"], "not_text", 2),
        (["Ms J", "1 Road", "", "PARIS", "FRANCE"], "abroad", 5),
    ],
)
def test_refused(lines, code, line):
    assert (code, line) in [(f.code, f.line) for f in check_address(lines).faults]


def test_the_same_postcode_twice_and_an_ordinal_are_no_second_postcode():
    assert check_address(["Ms J", "1 Road, SE1 2QH", "SE1 2QH"]).ok
    assert check_address(["Ms J", "Block M4 2nd floor", "FLAT B2 1ST FLOOR", "SE1 2QH"]).ok


@pytest.mark.parametrize(
    "line",
    [
        "NFA",
        "nfa",
        "N.F.A.",
        "n.f.a",
        "N F A",
        "N/F/A",
        "N-F-A",
        "(NFA)",
        "NFA, London",
        "c/o NFA",
        "No Fixed Abode",
        "NO  FIXED\u00a0ABODE",
        "no-fixed-abode",
        "no-fixed-address",
        "No_Fixed_Address",
        "nofixedabode",
        "No fixed adress",
        "of no fixed abode",
        "N\u00f3 f\u00edxed \u00e0bode",
        "\uff2e\uff26\uff21",
        "\uff2e\uff0f\uff26\uff0f\uff21",
        "n\u2022f\u2022a",
        "N o  f i x e d  a b o d e",
        "N0 fixed abode",
        "No fixd abode",
        "no fixed residence",
        "\u039d.F.\u0410.",
        "N\u200bFA",
    ],
)
def test_no_fixed_abode_in_any_spelling(line):
    assert "no_fixed_address" in codes("Ms J", line, "LONDON", "SE1 2QH")


def test_no_fixed_abode_broken_over_two_lines():
    assert "no_fixed_address" in codes("Ms J", "No fixed", "abode", "SE1 2QH")


@pytest.mark.parametrize(
    "line",
    ["Ms N F A Smith", "N. F. A. Smith", "Infanta Road", "Unfair Lane", "Nofa House", "No 4 Abode Row", "Confab St"],
)
def test_what_only_resembles_it(line):
    assert check_address([line, "1 Road", "LONDON", "SE1 2QH"]).ok


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ("Re: Jane Example", "reference"),
        ("RE - Jane", "reference"),
        ("re Jane", "reference"),
        ("Our ref", "reference"),
        ("Your Ref: 12", "reference"),
        ("Ref 123", "reference"),
        ("Reference: A/12", "reference"),
        ("OUR REFERENCE", "reference"),
        ("POST-000123", "reference"),
        ("CS/2026/0042", "reference"),
        ("DOB 01/02/2015", "reference"),
        ("ICS 123456", "reference"),
        ("Subject: Jane", "reference"),
        ("Dear Ms Example", "greeting"),
        ("DEAR SIR", "greeting"),
        ("Hello Jane", "greeting"),
        ("To whom it may concern", "greeting"),
        ("D\u00e9ar Jane", "greeting"),
        ("R\uff25: Jane", "reference"),
    ],
)
def test_a_reference_or_greeting_is_no_first_line(first, code):
    assert codes(first, *GOOD[1:]) == {code}


@pytest.mark.parametrize(
    "first",
    [
        "R E Smith",
        "Reginald Ref\u00edk",
        "Mr D O B Dobson",
        "Deardra Jones",
        "Hi-Tech Ltd",
        "Mr Dearing",
        "Studio 54",
        "The Occupier",
        "Rehana Begum",
        "Caseley & Son",
        "Sir John Sample",
        "FAO Ms Example",
        "4Children",
    ],
)
def test_names_that_only_resemble_them(first):
    assert check_address([first, *GOOD[1:]]).ok


def test_a_reference_on_a_later_line_would_show_too():
    assert codes("Ms J", "Re: Jane Example", "1 Road", "SE1 2QH") == {"reference"}


@pytest.mark.parametrize(
    "hidden",
    [
        "\x00",
        "\x07",
        "\x1b",
        "\x7f",
        "\x85",
        "\u00ad",
        "\u034f",
        "\u061c",
        "\u115f",
        "\u200b",
        "\u200c",
        "\u200d",
        "\u200e",
        "\u200f",
        "\u2028",
        "\u202a",
        "\u202e",
        "\u2060",
        "\u2066",
        "\u2069",
        "\u2800",
        "\u3164",
        "\ufe0f",
        "\ufeff",
        "\ufff9",
        "\ud800",
        "\ue000",
        "\U000e0041",
        "\U000e0101",
    ],
)
@pytest.mark.parametrize("where", ["{}Ms Jane", "Ms{} Jane", "Ms Jane{}"])
def test_control_and_zero_width_characters_are_found_and_kept(hidden, where):
    line = where.format(hidden)
    verdict = check_address([line, *GOOD[1:]])
    assert [(f.code, f.line) for f in verdict.faults] == [("control_character", 1)]
    assert hidden in verdict.lines[0]


def test_a_line_break_inside_a_line():
    assert codes("Ms J", "1 Road\nLONDON", "SE1 2QH") == {"control_character"}


@pytest.mark.parametrize(
    ("lines", "printed", "postcode"),
    [
        (["Cpl A", "1 Regt", "bfpo 57"], "BFPO 57", None),
        (["Cpl A", "1 Regt", "BFPO  57", "bf1 3aa"], "BFPO 57", "BF1 3AA"),
    ],
)
def test_bfpo(lines, printed, postcode):
    verdict = check_address(lines)
    assert (verdict.ok, verdict.lines[2], verdict.postcode) == (True, printed, postcode)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["Cpl A", "BFPO 57", "1 Regt", "BF1 3AA"], "bfpo"),
        (["Cpl A", "1 Regt", "BFPO 57", "SE1 2QH"], "bfpo"),
        (["Cpl A", "1 Regt", "BFPO", "BF1 3AA"], "bfpo"),
        (["Cpl A", "1 Regt", "BFPO 57, Cyprus"], "bfpo"),
        (["Cpl A", "1 Regt", "Cyprus", "BFPO 57"], "bfpo_country"),
        (["Cpl A", "1 Regt", "BFPO 57", "GERMANY"], "bfpo_country"),
        (["Cpl A", "1 Regt", "BF1 3AA", "BFPO 57"], "postcode_not_last"),
    ],
)
def test_bfpo_refused(lines, code):
    assert code in codes(*lines)


def test_abroad_only_where_allowed_and_with_the_country_in_capitals():
    paris = ["Mme Exemple", "1 rue du Test", "75001 PARIS"]
    assert codes(*paris, "FRANCE") == {"abroad"}
    assert check_address([*paris, "FRANCE"], allow_abroad=True).ok
    assert codes(*paris, "France", allow_abroad=True) == {"country_capitals"}
    assert codes(*paris, allow_abroad=True) == {"postcode_missing"}
    assert codes(*GOOD, "FRANCE", allow_abroad=True) == {"postcode_not_last"}


@given(st.lists(st.one_of(st.text(), st.integers(), st.none()), max_size=9))
def test_nothing_breaks_it_and_what_it_accepts_it_accepts_again_as_printed(lines):
    verdict = check_address(lines)
    json.dumps(verdict.as_dict())
    if verdict.ok:
        assert check_address(verdict.lines) == verdict


def run_command(monkeypatch, data: bytes, *options):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    out = io.StringIO()
    call_command("check_address", "--jsonl", *options, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_the_command_answers_each_line_whatever_it_is(monkeypatch):
    data = b'\xef\xbb\xbf["A B","1 Road","se12qh"]\nnot json\n\xff\xfe\n\n{"a":1}\n'
    data += b'[1,null,["x"]]\n["\\ud800","1","SE1 2QH"]\n'
    data += b"[" * 99999
    answers = run_command(monkeypatch, data)
    assert [answer["ok"] for answer in answers] == [True] + [False] * 7
    assert answers[0] == {"ok": True, "lines": ["A B", "1 Road", "SE1 2QH"], "postcode": "SE1 2QH", "faults": []}
    assert [a["faults"][0]["code"] for a in answers[1:5]] == ["not_json", "not_json", "not_json", "not_a_list"]
    for answer in answers[1:]:
        assert {"ok", "lines", "postcode", "faults"} == set(answer)
        assert all(set(fault) == {"code", "line", "message"} and fault["message"] for fault in answer["faults"])


def test_the_command_may_allow_abroad(monkeypatch):
    data = b'["A B","1 rue","FRANCE"]\n'
    assert not run_command(monkeypatch, data)[0]["ok"]
    assert run_command(monkeypatch, data, "--allow-abroad")[0]["ok"]
