"""Forms in plain words."""

import datetime as dt
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from postroom.forms import DatePartsField, PlainForm, RowsField, in_sentence
from postroom.people.models import User
from postroom.templatetags.look import error_links


class Form(PlainForm):
    widths = {"ref": 10}
    choice_hints = {"how": {"b": "Slower"}}

    ref = forms.CharField(label="ICS reference", help_text="At the top.")
    note = forms.CharField(label="Note", required=False)
    how = forms.ChoiceField(label="Class of post", widget=forms.RadioSelect, choices=[("a", "First"), ("b", "Second")])
    day = DatePartsField(label="Posted date", latest=dt.date(2026, 7, 20), earliest=dt.date(2026, 7, 1))
    sure = forms.BooleanField(label="I have looked")


def bound(**data: Any) -> Form:
    return Form(MultiValueDict({name: [value] for name, value in data.items()}))


def dated(day: str, month: str, year: str) -> Form:
    return bound(ref="1", how="a", sure="on", day_day=day, day_month=month, day_year=year)


@pytest.mark.parametrize(
    "typed",
    [
        ("20", "7", "2026"),
        ("20", "07", "26"),
        ("20", "July", "2026"),
        (" 20 ", "jul", "2026"),
        ("20 7 2026", "", ""),
        ("20/7/2026", "", ""),
        ("20 July 2026", "", ""),
    ],
)
def test_a_date_as_people_write_it(typed: tuple[str, str, str]) -> None:
    form = dated(*typed)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["day"] == dt.date(2026, 7, 20)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("", "", ""), "Enter posted date"),
        (("20", "", "2026"), "Posted date must include a month"),
        (("20", "", ""), "Posted date must include a month and a year"),
        (("31", "6", "2026"), "Posted date: 31 June 2026 is not a day in the calendar"),
        (("20", "13", "2026"), "Posted date: That is not a day in the calendar"),
        (("20", "ju", "2026"), "Posted date must be a date, like 20 7 2026"),
        (("20", "Ju", "20260"), "Posted date must be a date, like 20 7 2026"),
        (("²", "7", "2026"), "Posted date must be a date, like 20 7 2026"),
        (("21", "7", "2026"), "Posted date must be 20 July 2026 or earlier"),
        (("30", "6", "2026"), "Posted date must be 1 July 2026 or later"),
        (("1", "1", "0000"), "Posted date: the year 0 can't be right"),
        (("31", "12", "9999"), "Posted date: the year 9999 can't be right"),
        (("9" * 30, "1", "2026"), "Posted date must be a date, like 20 7 2026"),
        (("1", "9" * 30, "2026"), "Posted date must be a date, like 20 7 2026"),
    ],
)
def test_a_wrong_date_is_told_and_kept(typed: tuple[str, str, str], sentence: str) -> None:
    form = dated(*typed)
    assert form.errors["day"] == [sentence]
    for part in filter(None, typed):
        assert f'value="{part}"' in str(form["day"])


def test_an_empty_form_says_what_to_do() -> None:
    form = bound()
    assert {name: list(errors) for name, errors in form.errors.items()} == {
        "ref": ["Enter ICS reference"],
        "how": ["Choose class of post"],
        "day": ["Enter posted date"],
        "sure": ["Tick: I have looked"],
    }


def test_each_error_leads_to_its_box() -> None:
    form = bound()
    html = str(form)
    links = error_links(form)
    assert [link["href"] for link in links] == ["#id_ref", "#id_how_0", "#id_day_0", "#id_sure"]
    for link in links:
        assert f'id="{link["href"][1:]}"' in html


def test_hint_and_error_are_read_with_the_box() -> None:
    html = str(bound()["ref"].as_field_group())
    assert 'aria-describedby="id_ref_helptext id_ref_error"' in html
    assert 'id="id_ref_helptext"' in html
    assert 'id="id_ref_error"' in html
    assert "govuk-input--error" in html
    assert "govuk-input--width-10" in html


def test_what_was_typed_cannot_become_markup() -> None:
    html = str(bound(ref='"><script>alert(1)</script>'))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_optional_is_said_and_a_choice_has_its_hint() -> None:
    html = str(Form())
    assert html.count("(optional)") == 1
    assert 'aria-describedby="id_how_1_hint"' in html
    assert "choice_hints" not in html


@pytest.mark.parametrize(("label", "words"), [("Posted date", "posted date"), ("ICS number", "ICS number"), ("", "")])
def test_a_label_in_a_sentence(label: str, words: str) -> None:
    assert in_sentence(label) == words


class Asking(PlainForm):
    """Labels that ask."""

    day = DatePartsField(label="On which day?", latest=dt.date(2026, 7, 20))
    why = forms.CharField(label="Why?")


def test_an_error_is_no_question() -> None:
    empty = Asking({"day_day": "", "why": ""})
    assert [str(error[0]) for error in empty.errors.values()] == ["Enter a date", "Enter an answer"]
    late = Asking({"day_day": "21", "day_month": "7", "day_year": "2026", "why": "So."})
    assert late.errors["day"] == ["The date must be 20 July 2026 or earlier"]
    half = Asking({"day_day": "21", "day_month": "", "day_year": "", "why": "So."})
    assert half.errors["day"] == ["The date must include a month and a year"]


class Bounds(PlainForm):
    """Numbers, words and choices with bounds."""

    start = forms.IntegerField(label="First free label", min_value=1, max_value=21)
    many = forms.IntegerField(label="How many?", min_value=1)
    name = forms.CharField(label="Name", max_length=3)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A")])


def test_bounds_are_said_in_our_words() -> None:
    errors = Bounds({"start": "99", "many": "0", "name": "four", "kind": "b"}).errors
    assert [str(error[0]) for error in errors.values()] == [
        "First free label must be 21 or less",
        "It must be 1 or more",
        "Name must be 3 characters or fewer; this has 4",
        "Choose one of the answers that are offered",
    ]


@pytest.mark.django_db
def test_a_choice_that_can_be_no_row_is_refused_and_asks_no_database() -> None:
    field = RowsField(queryset=User.objects.all())
    for value in ("9" * 30, "x", "-1", "\u0663", ""):
        with pytest.raises(ValidationError, match="not one of the available"):
            field.clean([value])
    with pytest.raises(ValidationError, match="not one of the available"):
        field.clean(["999999"])
