"""An office's printers, and what was measured on a calibration sheet."""

from __future__ import annotations

from typing import Any

from django import forms

from letters.actions.printers import MEANT
from letters.models import Printer
from letters.rendering.calibration import Measured
from postroom.forms import PlainForm

EDGES = {"x": "From the left edge", "y": "From the top edge"}


class PrinterForm(PlainForm):
    """What it is called and where it stands."""

    widths = {"name": 20}

    name = forms.CharField(label="Name", max_length=60, help_text="As people here call it, for example: The big one.")
    place = forms.CharField(label="Where it stands", max_length=80, help_text="For example: first floor, by the lift.")
    both_sides = forms.BooleanField(
        label="It prints letters on both sides of the paper",
        required=False,
        help_text="Sheets are counted so at the envelope. If you change this, measure its calibration sheets again.",
    )


class ChangePrinterForm(PrinterForm):
    """The same of one that is there."""

    is_active = forms.BooleanField(label="Letters may be printed on it", required=False)


class LengthField(forms.DecimalField):
    """Millimetres with one decimal; a comma does as well as a point."""

    def to_python(self, value: Any) -> Any:
        """The number. Raises ValidationError."""
        return super().to_python(value.replace(",", ".").removesuffix("mm") if isinstance(value, str) else value)


class MeasuredForm(PlainForm):
    """Three crosses, each from the paper's left and top edge, and what showed in the envelope."""

    widths = dict.fromkeys(MEANT, 4)
    required_words = {"in_envelope": "Say what showed in the envelope"}

    in_envelope = forms.ChoiceField(
        label="Folded and in its envelope, pushed to each side, up and down: did the frames show as they must?",
        help_text="All of the solid frame always, and nothing outside the dashed one ever.",
        choices=[("yes", "Yes, in every position"), ("no", "No")],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, meant in MEANT.items():
            self.fields[name] = LengthField(
                label=f"{EDGES[name[-1]]}, mm",
                help_text=f"{meant:g} on the sheet.",
                max_digits=5,
                decimal_places=1,
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                error_messages={
                    "required": f"Measure the {name[:-2].replace('_', ' ')} cross {EDGES[name[-1]].lower()}",
                    "invalid": "Write it as millimetres, for example 20.5",
                    "max_decimal_places": "Half a millimetre is near enough: write one decimal, for example 20.5",
                },
            )
            self._make_plain(name, self.fields[name])

    def crosses(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Each cross with its two lengths, as the page asks for them."""
        names = ("upper_left", "upper_right", "lower_left")
        return [(f"The {name.replace('_', ' ')} cross", [self[f"{name}_x"], self[f"{name}_y"]]) for name in names]

    @property
    def measured(self) -> Measured:
        """The lengths of a valid form."""
        return Measured(**{name: float(self.cleaned_data[name]) for name in MEANT})


class ChoosePrinterForm(PlainForm):
    """Which printer letters go to; nothing is asked where there is only one."""

    printer = forms.ModelChoiceField(
        label="Printer", queryset=Printer.objects.none(), widget=forms.RadioSelect, empty_label=None
    )

    def __init__(self, printers: list[Printer], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["printer"]
        field.queryset = Printer.objects.filter(pk__in=[one.pk for one in printers])  # type: ignore[attr-defined]
        field.label_from_instance = lambda one: f"{one.name}, {one.place}"  # type: ignore[attr-defined]
        field.required = len(printers) > 1
