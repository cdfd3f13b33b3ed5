"""At the envelope: what was counted and looked at (OGP-4b, OGP-5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from letters.models import OfficePost, SheetScan
from letters.sheets_in import ToScan
from postroom.forms import PlainForm

SCAN_HINTS = {
    SheetScan.REQUIRED: "Put the cursor here and scan the mark at the edge of each sheet as it goes in, one a line. If "
    "a mark can't be read, type the line under it.",
    SheetScan.OFFERED: "Put the cursor here and scan the mark at the edge of each sheet as it goes in, one a line. "
    "Without a scanner leave this empty, and look at the reference and page number on each sheet.",
}


class EnvelopeForm(PlainForm):
    """`initials`: the signed-in admin's; `return_mark`: what the office puts on the back; `addressee`: the name;
    `scan`: whether sheets are scanned in, `to_scan` which (for the help at once, where scripts run)."""

    widths = {"sheets": 3}
    required_words = {
        "scanned": "Scan in every printed sheet, or type the line that stands under its mark",
        "sheets": "Count the sheets and enter how many there are",
        "contents_checked": "Check that every sheet is for this addressee, and tick it",
        "new_envelope": "Use a new envelope, and tick it",
        "return_mark_on": "Put the return address on the back, and tick it",
        "initials_written": "Write your initials on the back of the envelope, and tick it",
    }

    scanned = forms.CharField(
        label="Scan in every sheet of the letter",
        required=False,
        max_length=9000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )
    sheets = forms.IntegerField(
        label="How many sheets did you count into the envelope?", min_value=0, max_value=999, localize=False
    )
    contents_checked = forms.BooleanField()
    new_envelope = forms.BooleanField(
        label="The envelope is new", help_text="Never one that was used before or has another address on it."
    )
    return_mark_on = forms.BooleanField()
    initials_written = forms.BooleanField()

    def __init__(
        self,
        *args: Any,
        initials: str,
        return_mark: str,
        addressee: str,
        things: Sequence[Mapping[str, Any]] = (),
        scan: SheetScan = SheetScan.OFFERED,
        to_scan: ToScan | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if scan == SheetScan.OFF:
            del self.fields["scanned"]
        else:
            self.fields["scanned"].help_text = SCAN_HINTS[scan]
            self.fields["scanned"].required = scan == SheetScan.REQUIRED
            if to_scan is not None:
                self.fields["scanned"].widget.attrs |= {
                    "data-scan-says": "scan-says",
                    "data-reference": to_scan.reference,
                    "data-numbers": " ".join(map(str, to_scan.numbers)),
                    "data-sheets": to_scan.sheets,
                    "data-bare": " ".join(map(str, to_scan.bare)),
                    **({"data-both-sides": ""} if to_scan.both_sides else {}),
                }
        self.things = [f"thing_{place}" for place in range(1, len(things) + 1)]
        for name, item in zip(self.things, things, strict=True):
            self.fields[name] = forms.IntegerField(
                label=f"How many of “{item['title']}” did you count in?",
                min_value=0,
                max_value=99,
                localize=False,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-3"}),
                error_messages={"required": f"Count “{item['title']}” and enter how many there are"},
            )
        mark = "return label" if return_mark == OfficePost.ReturnMark.LABEL else "office's stamp"
        self.fields["contents_checked"].label = f"Every sheet is for {addressee}, and nothing is missing"
        self.fields["return_mark_on"].label = f"The {mark} is on the back"
        self.fields["return_mark_on"].help_text = "It says whose office this is, not that it is Children's Services."
        self.fields["initials_written"].label = f"I have written {initials} on the back of the envelope"
        self.fields["sheets"].widget = forms.TextInput(
            attrs={**self.fields["sheets"].widget.attrs, "inputmode": "numeric"}
        )

    @property
    def thing_fields(self) -> list[forms.BoundField]:
        """The questions about what is no sheet."""
        return [self[name] for name in self.things]

    def step(self) -> dict[str, Any]:
        """As the action takes it; only once the form is valid."""
        rest = {name: value for name, value in self.cleaned_data.items() if name not in self.things}
        rest["scanned"] = rest.get("scanned", "").splitlines()
        return rest | {"things": [self.cleaned_data[name] for name in self.things]}


class ReasonForm(PlainForm):
    """Why a step back is taken; it stays on record."""

    required_words = {"reason": "Say why; it stays on record"}
    reason = forms.CharField(label="Why?", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
