"""What each step of an item asks, one form each; the words are the page's."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from io import BytesIO
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from PIL import Image

from distribution.actions.preparing import rights_for
from distribution.models import NEVER_POSTED_INSTEAD, Handover, Item
from distribution.policy import area_that_counts, recipient_of
from letters.models import EnvelopeStock
from letters.routes import CHANNEL_NAMES, Channel, Document, Verdict, route
from postroom.cases.confidential import lines_for
from postroom.cases.models import Address, Area
from postroom.forms import DatePartsField, PlainForm
from postroom.uploads import Checked, Kind, Refused, UploadField, check_upload

MAX_SCAN = 10 * 1024 * 1024


def receipt_field(label: str) -> UploadField:
    """The scan or photo of a receipt on paper: never asked for, kept where there is one."""
    return UploadField(
        label=label,
        allow=(Kind.PDF, Kind.PICTURE),
        max_bytes=MAX_SCAN,
        required=False,
        help_text="A PDF, JPEG or PNG of at most 10 MB. Choose it again if this page comes back.",
    )


_LONG = forms.Textarea(attrs={"rows": 3, "spellcheck": "true", "lang": "en-GB"})


class ReadyForm(PlainForm):
    """The way, the right, the version. Only ways that the policy leaves open are offered; the page says why not."""

    required_words = {
        "channel": "Choose how it goes",
        "basis": "Say why this person has a right to the document",
        "version_confirmed": "Read the version that this recipient gets, and confirm that it is right",
    }

    sometimes = ("address", "why_approve")

    channel = forms.ChoiceField(label="How does it go?", widget=forms.RadioSelect)
    address = forms.ChoiceField(
        label="If by registered post: to which address?", widget=forms.RadioSelect, required=False
    )
    why_approve = forms.CharField(
        label="If by registered post: why should it go that way?",
        help_text="A team manager or deputy team manager decides on it.",
        required=False,
        max_length=1000,
        widget=_LONG,
    )
    basis = forms.ChoiceField(
        label="Why does this person have a right to the document?",
        widget=forms.RadioSelect,
    )
    version_confirmed = forms.BooleanField(
        label="I have read the version this recipient gets, and nothing in it is kept from them"
    )

    def __init__(self, item: Item, addresses: list[Address], *args: Any, may_see: bool, **kwargs: Any) -> None:
        known = [a for a in addresses if a.is_usable and not a.why_not_by_post]
        areas = {Area.IN.value, *(area_that_counts(a) for a in known)}
        self.by_key = {str(a.pk): a for a in known if self._may_be_posted(item, area_that_counts(a))}
        self.shut: list[str] = []
        ways = []
        for channel in Channel:
            answers = [
                route(Document(item.document), recipient_of(item.person.is_family, area), channel) for area in areas
            ]
            open_ = [a for a in answers if a.verdict is not Verdict.REFUSED]
            if open_ and channel == Channel.REGISTERED_POST and item.not_handed_at is not None:
                self.shut.append(NEVER_POSTED_INSTEAD)
            elif open_ and (channel != Channel.REGISTERED_POST or self.by_key):
                ways.append((str(channel), CHANNEL_NAMES[channel].capitalize()))
            elif not open_:
                self.shut.append(answers[0].sentence)
        self.posts = Channel.REGISTERED_POST in {key for key, _ in ways}
        self.shut = list(dict.fromkeys(self.shut))
        if len(ways) == 1:
            kwargs["initial"] = {"channel": ways[0][0], **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = ways  # type: ignore[attr-defined]
        self.fields["address"].choices = [  # type: ignore[attr-defined]
            (
                key,
                ", ".join(lines_for(a, may_see=may_see)) + f" ({a.get_area_display().lower() or 'area not confirmed'})",
            )
            for key, a in self.by_key.items()
        ]
        self.fields["basis"].choices = list(rights_for(item.person).items())  # type: ignore[attr-defined]
        if not self.posts:
            del self.fields["address"], self.fields["why_approve"]

    @staticmethod
    def _may_be_posted(item: Item, area: str) -> bool:
        to = recipient_of(item.person.is_family, area)
        return route(Document(item.document), to, Channel.REGISTERED_POST).verdict is not Verdict.REFUSED

    def clean_address(self) -> Address | None:
        """The address itself."""
        return self.by_key.get(self.cleaned_data["address"])

    def clean(self) -> dict[str, Any]:
        """What registered post needs."""
        data = super().clean() or {}
        if self.posts and data.get("channel") == Channel.REGISTERED_POST:
            if not data.get("address"):
                self.add_error("address", "Choose the address it goes to")
            if not data.get("why_approve", "").strip():
                self.add_error("why_approve", "Say why it should go by registered post; a manager decides on it")
        return data


class ReleaseForm(PlainForm):
    """After the approval: release it."""

    version_confirmed = forms.BooleanField(
        label="I have read the version this recipient gets, and nothing in it is kept from them",
        error_messages={"required": "Read the version that this recipient gets, and confirm that it is right"},
    )


class ReasonForm(PlainForm):
    """Why, and nothing else."""

    reason = forms.CharField(label="Why?", max_length=1000, widget=_LONG, error_messages={"required": "Say why"})


class ApproveForm(PlainForm):
    """Approve until a day, or decline; with the reason."""

    required_words = {"answer": "Say whether you approve it", "reason": "Say why; it stays on record"}
    sometimes = ("until", "service")

    answer = forms.ChoiceField(
        label="Do you approve it?",
        widget=forms.RadioSelect,
        choices=[("approve", "Yes, it may go this way"), ("decline", "No")],
    )
    reason = forms.CharField(label="Why?", max_length=1000, widget=_LONG)
    until = DatePartsField(
        label="If you approve it: until which day may it be posted?",
        required=False,
        help_text="After that day it has to be asked for again.",
        earliest=timezone.localdate,
        latest=lambda: timezone.localdate() + dt.timedelta(days=settings.APPROVAL_MOST_DAYS),
    )
    service = forms.CharField(
        label="If you approve it: by which service?",
        help_text="Royal Mail's registered post is inland. Name the service that goes abroad, tracked to the door.",
        required=False,
        max_length=60,
    )

    def __init__(self, item: Item, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if item.area != Area.ABROAD:
            del self.fields["service"]

    def clean(self) -> dict[str, Any]:
        """An approval has a last day."""
        data = super().clean() or {}
        if data.get("answer") == "approve" and not data.get("until") and "until" not in self.errors:
            self.add_error("until", "Say until which day the approval holds")
        return data


class TakeOutForm(PlainForm):
    """CLS-4: in a lockable bag."""

    lockable_bag = forms.BooleanField(
        label="It travels in a lockable bag",
        error_messages={"required": "Take a lockable bag, and confirm it"},
    )


class HandOverForm(PlainForm):
    """At the door: when, where, how they were known, into their own hands; a signature if they like."""

    required_words = {
        "where": "Say where you handed it over",
        "known_by": "Say how you know that it is them",
        "own_hands": "Confirm that you put it into their own hands. If that was not possible, say so instead",
        "on": "Enter the day you handed it over",
        "clock": "Enter the time you handed it over",
    }
    widths = {"clock": 5}

    known_by = forms.ChoiceField(
        label="How do you know that it is them?", widget=forms.RadioSelect, choices=Handover.Known.choices
    )
    where = forms.ChoiceField(label="Where?", widget=forms.RadioSelect, choices=Handover.Where.choices)
    place = forms.CharField(
        label="Anything to add about the place",
        required=False,
        max_length=120,
        help_text="For example: at the office door.",
    )
    on = DatePartsField(label="Day", latest=timezone.localdate, too_late="The day can't be in the future")
    clock = forms.TimeField(
        label="Time",
        help_text="For example 14:05.",
        input_formats=["%H:%M", "%H.%M", "%H%M"],
        widget=forms.TimeInput(format="%H:%M", attrs={"inputmode": "numeric"}),
        error_messages={"invalid": "Enter the time like 14:05"},
    )
    own_hands = forms.BooleanField(label="I put it into the person's own hands, not through a letterbox")
    signature = forms.CharField(required=False, widget=forms.HiddenInput, max_length=400_000)
    receipt = receipt_field("Photo or scan of a receipt that they signed on paper")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        now = timezone.localtime()
        kwargs["initial"] = {"on": now.date(), "clock": now.time(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)

    def clean_signature(self) -> Checked | None:
        """What was drawn on the screen, as a picture; nothing where nothing was drawn."""
        drawn = self.cleaned_data["signature"]
        if not drawn:
            return None
        try:
            data = base64.b64decode(drawn.removeprefix("data:image/png;base64,"), validate=True)
            picture = check_upload(data, allow=(Kind.PICTURE,))
        except Refused as error:
            # Drawing again helps with a picture that is none, not with a scanner that doesn't answer.
            if error.code in ("scanner", "infected"):
                raise ValidationError(str(error)) from error
            raise ValidationError("The signature could not be read. Clear it and let them sign again.") from error
        except binascii.Error as error:
            raise ValidationError("The signature could not be read. Clear it and let them sign again.") from error
        return picture if _shows_something(picture.data) else None

    def clean(self) -> dict[str, Any]:
        """Day and time as one moment, local."""
        data = super().clean() or {}
        if data.get("on") and data.get("clock"):
            data["at"] = timezone.make_aware(dt.datetime.combine(data["on"], data["clock"]))
        return data


def _shows_something(picture: bytes) -> bool:
    """Is there a stroke on it? A sheet of one colour is nobody's signature."""
    with Image.open(BytesIO(picture)) as image:
        low, high = image.convert("L").getextrema()
    return low != high


class EnvelopeForm(PlainForm):
    """Like a letter's envelope."""

    widths = {"sheets": 3}
    required_words = {
        "sheets": "Count the sheets, and enter how many there are",
        "contents_checked": "Check that every sheet is for this recipient, and confirm it",
        "new_envelope": "Use a new envelope, and confirm it",
        "return_mark_on": "Put the return address on the back, and confirm it",
        "initials_written": "Write your initials on the back of the envelope, and confirm it",
    }

    stock = forms.ModelChoiceField(
        label="Envelope", queryset=EnvelopeStock.objects.filter(is_active=True), empty_label=None
    )
    sheets = forms.IntegerField(label="Sheets, with the cover sheet", min_value=1, max_value=999)
    contents_checked = forms.BooleanField(label="Every sheet is for this recipient, and no other is in it")
    new_envelope = forms.BooleanField(label="The envelope is new")
    return_mark_on = forms.BooleanField(label="The return address is on the back")
    initials_written = forms.BooleanField(label="My initials are on the back")


class PostForm(PlainForm):
    """At the counter."""

    widths = {"tracking_number": 20}
    required_words = {"posted_on": "Enter the day it was posted", "tracking_number": "Enter the tracking number"}

    posted_on = DatePartsField(
        label="Day posted", latest=timezone.localdate, too_late="The day posted can't be in the future"
    )
    tracking_number = forms.CharField(
        label="Tracking number", max_length=60, help_text="From the posting receipt, for example RB473124829GB."
    )
    odd_number = forms.CharField(
        label="If the number has another form: why is it right?", required=False, max_length=500, widget=_LONG
    )
    special_delivery = forms.BooleanField(
        label="The receipt says Special Delivery Guaranteed, not Signed For",
        error_messages={"required": "Look at the receipt: Signed For is not registered post. Confirm what it says"},
    )
    receipt = receipt_field("Scan of the posting receipt")

    def __init__(self, *args: Any, service: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if service:  # abroad, where Royal Mail's product doesn't go: the one that was approved
            self.fields["special_delivery"].label = f"The receipt says {service}"
            self.fields["special_delivery"].error_messages["required"] = (
                f"Look at the receipt: the manager approved {service} and no other service. Confirm what it says"
            )


class ProofForm(PlainForm):
    """Royal Mail's own page says so."""

    required_words = {
        "delivered_on": "Enter the day it was delivered",
        "delivered_time": "Enter the time it was delivered",
        "printed_name": "Enter the name that Royal Mail shows",
    }
    delivered_on = DatePartsField(label="Day delivered", latest=timezone.localdate)
    delivered_time = forms.TimeField(
        label="At what time?",
        input_formats=["%H:%M", "%H.%M", "%I:%M %p", "%I:%M%p"],
        widget=forms.TextInput,
        help_text="As Royal Mail's page shows it, for example 10:35.",
        error_messages={"invalid": "Enter a time like 10:35"},
    )
    printed_name = forms.CharField(label="Printed name", max_length=80, help_text="As Royal Mail's page shows it.")
    receipt = receipt_field("Scan or print of the proof of delivery")


class DecideForm(PlainForm):
    """Did it leave or not? A person finds out, and says so."""

    required_words = {"sent": "Say whether they have it", "reason": "Say how you know"}
    sent = forms.TypedChoiceField(
        label="Has it arrived?",
        widget=forms.RadioSelect,
        choices=[("yes", "Yes, they have the e-mail"), ("no", "No, they don't: send it again")],
        coerce=lambda value: value == "yes",
    )
    reason = forms.CharField(label="How do you know?", max_length=500, widget=_LONG)


class PasswordForm(PlainForm):
    """By phone, or by text where there is a gateway and a mobile number."""

    how = forms.ChoiceField(
        label="How do you give the password?",
        widget=forms.RadioSelect,
        choices=[("phone", "I have read it out by phone"), ("text", "Send it by text to the mobile on the case")],
        error_messages={"required": "Say how the password was given"},
    )
    recipient_known = forms.BooleanField(
        label="I called them on a number I know is theirs, and made sure it was them", required=False
    )

    def __init__(self, *args: Any, may_text: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_text:
            self.fields["how"] = forms.CharField(widget=forms.HiddenInput, initial="phone")


class UploadedForm(PlainForm):
    """What ICS answered."""

    widths = {"ics_reference": 20}
    ics_reference = forms.CharField(
        label="Reference that ICS gave",
        max_length=60,
        error_messages={"required": "Type the reference that ICS gave the document"},
    )


class VersionForm(PlainForm):
    """A recipient's own version, redacted."""

    file = UploadField(
        label="The redacted version",
        allow=(Kind.PDF, Kind.WORD),
        error_messages={"required": "Choose the redacted version"},
    )
    redaction_confirmed = forms.BooleanField(
        label="I have looked through it, and nothing in it is kept from this recipient",
        error_messages={"required": "Look through the version for what this recipient may not see, and confirm it"},
    )
