"""`show_routes` and `check_tracking` say what the pure modules say, to programs and to people."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from letters.management.commands.check_tracking import Command
from letters.tests.expected_routes import expected_rows
from letters.tracking import TrackingNumberError, check_digit, check_tracking_number

# Those that the policy's own facts name.
VALID = ["RB473124829GB", "KW100000025GB", "AA100000140GB"]


@pytest.mark.policy("OGP-7", "OGP-8", "OGP-9", "CLS-6")
def test_show_routes_prints_the_policys_48_rows():
    out = StringIO()
    call_command("show_routes", "--json", stdout=out)
    rows = json.loads(out.getvalue())
    assert all(list(row) == ["document", "recipient", "channel", "verdict", "clause"] for row in rows)
    printed = {(r["document"], r["recipient"], r["channel"]): (r["verdict"], r["clause"]) for r in rows}
    assert len(rows) == len(printed) == 48
    for document, recipient, channel, verdict, clauses, _ in expected_rows():
        said, clause = printed[document, recipient, channel]
        assert said == verdict
        assert clause.partition(":")[0] == ", ".join(clauses)
    assert printed["minutes", "family_out_of_area", "registered_post"][1] == (
        "OGP-8: out of area approved, tracking number"
    )
    assert printed["letter", "professional", "secure_email"][1] == "CLS-6: off unless the office turns it on"


def test_show_routes_can_be_read_by_people():
    out = StringIO()
    call_command("show_routes", stdout=out)
    assert "Minutes to: family in area" in out.getvalue()
    assert "    by hand: allowed (OGP-7)" in out.getvalue()


@pytest.mark.policy("OGP-8")
@pytest.mark.parametrize("number", VALID)
def test_a_valid_number_however_it_is_typed(number):
    assert check_tracking_number(number) == number
    assert check_tracking_number(f"\t{number[:2].lower()} {number[2:6]} {number[6:10]}\xa0{number[10]}gb\n") == number


@pytest.mark.policy("OGP-8")
@pytest.mark.parametrize("number", VALID)
def test_every_wrong_digit_is_found(number):
    """Any one digit wrong is found, but for the few that S10 lets by: check digit 5 stands for two rests, 0 and 6."""
    for place in range(2, 11):
        for digit in "0123456789":
            if digit == number[place]:
                continue
            changed = number[:place] + digit + number[place + 1 :]
            total = sum(int(d) * w for d, w in zip(changed[2:10], (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
            right = {0: 5, 1: 0}.get(total % 11, 11 - total % 11)
            if right == int(changed[10]):
                assert check_tracking_number(changed) == changed
                assert place < 10
            else:
                with pytest.raises(TrackingNumberError, match="A digit is wrong"):
                    check_tracking_number(changed)


@pytest.mark.policy("OGP-8")
def test_the_two_special_check_digits():
    assert check_digit("10000014") == 0  # 8 + 9 + 28 = 45 leaves 1: 10 becomes 0
    assert check_digit("00000000") == 5  # leaves 0: 11 becomes 5
    assert check_digit("10000002") == 5  # 8 + 14 = 22 leaves 0 too


@pytest.mark.policy("OGP-8")
@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("SF876543217GB", "the check digit of 87654321 is 6, and this has 7"),
        ("", "no tracking number"),
        ("  ", "no tracking number"),
        ("RB473124829G", "this has 12"),
        ("RB4731248290GB", "this has 14"),
        ("RB473124829US", "ends with US"),
        ("RB473124829 G8", "ends with G8"),
        ("4B473124829GB", "begins with two letters"),
        ("RB47312482OGB", "Is an O meant as a 0"),
        ("RB-473124829-GB", "only the letters A to Z"),
        ("RB\u200b473124829GB", "only the letters A to Z"),
        ("RB\u0664\u0667\u0663\u0661\u0662\u0664\u0668\u0662\u0669GB", "only the letters A to Z"),
        ("RB473124829ß", "only the letters A to Z"),
        ("RB²73124829GB", "only the letters A to Z"),
    ],
)
def test_what_is_not_a_number_is_refused_with_why(typed, why):
    with pytest.raises(TrackingNumberError, match=why):
        check_tracking_number(typed)


@pytest.mark.parametrize("digits", ["", "1234567", "123456789", "1234567x", "\u0661" * 8])
def test_a_check_digit_is_of_eight_digits(digits):
    with pytest.raises(TrackingNumberError, match="eight digits"):
        check_digit(digits)


@pytest.mark.policy("OGP-8")
def test_check_tracking_answers_in_words():
    out = StringIO()
    call_command("check_tracking", "rb 473124829 gb", stdout=out)
    assert out.getvalue().startswith("RB473124829GB is a valid tracking number.\n")
    assert "the posting receipt says" in out.getvalue()
    with pytest.raises(CommandError, match="Read the whole number again") as refused:
        call_command("check_tracking", "SF876543217GB")
    assert refused.value.returncode == 1


@pytest.mark.policy("OGP-8")
@pytest.mark.parametrize(
    ("typed", "code"),
    [(["RB", "473124829", "GB"], 0), (["RB473124829GB"], 0), ([], 1), ([""], 1), (["-RB473124829GB"], 1),
     (["SF876543217GB"], 1), (["--help"], 0)],
)  # fmt: skip
def test_from_a_shell_it_ends_with_0_or_1(typed, code):
    def run():
        Command(stdout=StringIO(), stderr=StringIO()).run_from_argv(["manage.py", "check_tracking", *typed])
        return 0

    if code or "--help" in typed:
        with pytest.raises(SystemExit) as left:
            run()
        assert left.value.code == code
    else:
        assert run() == 0
