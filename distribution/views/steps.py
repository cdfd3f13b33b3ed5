"""The pages of each step of an item."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from distribution import actions
from distribution.actions.passwords import password_of
from distribution.actions.posting import notes_text
from distribution.documents import take_in
from distribution.facts import AFRESH
from distribution.forms import steps as forms
from distribution.models import Item
from distribution.policy import can
from distribution.selectors import why_asked
from distribution.sight import may_see_addresses, shown_lines
from distribution.states import Action
from distribution.views.common import ItemPage
from letters.models import OfficePost
from postroom.cases.models import Area, Relationship
from postroom.files.keeping import keep
from postroom.files.models import StoredFile
from postroom.forms import in_words
from postroom.ledger.readings import record_read


def kept_scan(data: dict[str, Any]) -> StoredFile | None:
    """The scan of a receipt, kept under its hash before the step: refused, the sweep of unused files removes it."""
    return keep(data["receipt"]) if data.get("receipt") else None


class ReadyPage(ItemPage):
    """The worker: the way, the right, the version."""

    actions = (Action.CHOOSE_ROUTE,)
    title, submit = "Make it ready", "Confirm"
    template = "distribution/ready.html"

    def form(self, data: Any = None, files: Any = None) -> forms.ReadyForm:
        addresses = list(self.item.person.addresses.filter(retired_at__isnull=True).select_related("person"))
        may_see = may_see_addresses(self.item, self.user, self.authority)
        initial = {"channel": self.item.channel, "basis": self.item.right_basis}
        return forms.ReadyForm(self.item, addresses, data, may_see=may_see, initial=initial)

    def take(self, form: Any) -> Item:
        return actions.make_ready(**self.step, **form.cleaned_data)

    def words(self, item: Item) -> str:
        return "Released: it is ready to go." if item.released_by_id else "A manager has been asked to approve it."


class ReleasePage(ItemPage):
    """After the approval."""

    actions = (Action.RELEASE,)
    title, submit = "Release it", "Release it"
    template = "distribution/release.html"

    def form(self, data: Any = None, files: Any = None) -> forms.ReleaseForm:
        return forms.ReleaseForm(data)

    def take(self, form: Any) -> Item:
        return actions.release(**self.step, **form.cleaned_data)

    def words(self, item: Item) -> str:
        return "Released. Admin puts it in its envelope next."


class ApprovePage(ItemPage):
    """A manager decides."""

    actions = (Action.APPROVE, Action.DECLINE)
    title, submit = "Decide on registered post", "Record my decision"

    def form(self, data: Any = None, files: Any = None) -> forms.ApproveForm:
        return forms.ApproveForm(self.item, data)

    def take(self, form: Any) -> Item:
        data = form.cleaned_data
        if data["answer"] == "decline":
            return actions.decline(**self.step, reason=data["reason"])
        more = {"service": data["service"]} if "service" in data else {}
        return actions.approve(**self.step, reason=data["reason"], until=data["until"], **more)

    def context(self) -> dict[str, Any]:
        return {
            "address": shown_lines(self.item, self.user, self.authority),
            "asked": self.item.approval_asked_by,
            "why": why_asked(self.item),
        }

    def words(self, item: Item) -> str:
        if item.approved_by_id and item.approved_until:
            return f"Approved until {in_words(item.approved_until)}. The worker has been told."
        return "Not approved. The worker has been told."


class TakeOutPage(ItemPage):
    """A social worker takes the paper out."""

    actions = (Action.TAKE_OUT,)
    title, submit = "Take it out to hand it over", "I have it with me"
    intro = "From now on it is among the papers that are out of the office, until you hand it over or bring it back."

    def form(self, data: Any = None, files: Any = None) -> forms.TakeOutForm:
        return forms.TakeOutForm(data)

    def take(self, form: Any) -> Item:
        return actions.take_out(**self.step, **form.cleaned_data)

    def words(self, item: Item) -> str:
        return "It is out with you. Record the hand-over when you have made it."


class HandOverPage(ItemPage):
    """At the door, on a phone."""

    actions = (Action.HAND_OVER,)
    title, submit, multipart = "Record the hand-over", "I have handed it over", True
    template = "distribution/hand_over.html"

    def form(self, data: Any = None, files: Any = None) -> forms.HandOverForm:
        return forms.HandOverForm(data, files)

    def take(self, form: Any) -> Item:
        data = form.cleaned_data
        drawn = data["signature"]
        kept = keep(drawn) if drawn else None
        names = ("at", "where", "known_by", "own_hands", "place")
        entries = {name: data[name] for name in names}
        return actions.hand_over(**self.step, **entries, signature=kept, receipt=kept_scan(data))

    def words(self, item: Item) -> str:
        return "Handed over. Thank you: nothing more for you to do."


class NotPossiblePage(ItemPage):
    """It could not be handed over."""

    actions = (Action.NOT_POSSIBLE,)
    title, submit = "It was not possible", "Put it on hold"
    intro = "Say why. It goes on hold, and is never posted instead. Bring the paper back to the office, and say so."

    def form(self, data: Any = None, files: Any = None) -> forms.ReasonForm:
        return forms.ReasonForm(data)

    def take(self, form: Any) -> Item:
        return actions.not_possible(**self.step, **form.cleaned_data)

    def words(self, item: Item) -> str:
        return "It is on hold. Bring the paper back to the office."


class BringBackPage(ItemPage):
    """The paper is back."""

    actions = (Action.BRING_BACK,)
    title, submit = "It is back in the office", "Yes, it is back"
    intro = "Confirm it when the paper is in the office again, locked away."

    def form(self, data: Any = None, files: Any = None) -> forms.PlainForm:
        return forms.PlainForm(data)

    def take(self, form: Any) -> Item:
        return actions.bring_back(**self.step)

    def words(self, item: Item) -> str:
        return "Recorded: the paper is back in the office."


class EnvelopePage(ItemPage):
    """Admin puts it in its envelope."""

    actions = (Action.ENVELOPE,)
    title, submit = "Put it in its envelope", "It is in its envelope"
    template = "distribution/envelope.html"

    def form(self, data: Any = None, files: Any = None) -> forms.EnvelopeForm:
        post = OfficePost.objects.filter(office_id=self.item.case.office_id).first()
        return forms.EnvelopeForm(data, initial={"stock": post.stock_id if post else None})

    def take(self, form: Any) -> Item:
        return actions.envelope(**self.step, **form.cleaned_data)

    def context(self) -> dict[str, Any]:
        return {"address": shown_lines(self.item, self.user, self.authority), "initials": self.user.initials}

    def words(self, item: Item) -> str:
        return f"In its envelope, initialled {item.initials}. Next: post it, registered."


class PostPage(ItemPage):
    """At the counter."""

    actions = (Action.POST,)
    title, submit, multipart = "Record the posting", "It is posted", True
    intro = (
        "Registered post is Royal Mail Special Delivery Guaranteed, given in at the counter; abroad it is the service "
        "that the manager approved."
    )

    def form(self, data: Any = None, files: Any = None) -> forms.PostForm:
        return forms.PostForm(data, files, service=self.service, initial={"posted_on": timezone.localdate()})

    @property
    def service(self) -> str:
        """Abroad: the service approved, by its name."""
        return self.item.service if self.item.area == Area.ABROAD else ""

    def take(self, form: Any) -> Item:
        return actions.post(**self.step, **form.cleaned_data | {"receipt": kept_scan(form.cleaned_data)})

    def context(self) -> dict[str, Any]:
        return {"service": self.service}

    def words(self, item: Item) -> str:
        return f"Posted as {item.tracking_number}. It stays on My work until it is delivered."


class DeliveryPage(ItemPage):
    """Proof of delivery."""

    actions = (Action.PROVE_DELIVERY,)
    title, submit, multipart = "Record the delivery", "It was delivered", True
    intro = "Look the tracking number up with Royal Mail, and enter what its page says."

    def form(self, data: Any = None, files: Any = None) -> forms.ProofForm:
        return forms.ProofForm(data, files)

    def take(self, form: Any) -> Item:
        return actions.prove_delivery(**self.step, **form.cleaned_data | {"receipt": kept_scan(form.cleaned_data)})

    def words(self, item: Item) -> str:
        return "Delivered. The recipient has theirs."


class ReturnedPage(ItemPage):
    """It came back."""

    actions = (Action.RETURN_UNDELIVERED,)
    title, submit = "It came back undelivered", "It came back"
    intro = "It goes on hold, and the address is in doubt until the worker has looked at it."

    def form(self, data: Any = None, files: Any = None) -> forms.ReasonForm:
        return forms.ReasonForm(data)

    def take(self, form: Any) -> Item:
        return actions.return_undelivered(**self.step, **form.cleaned_data)

    def words(self, item: Item) -> str:
        return "On hold; the address is in doubt, and the worker has been told."


class SendPage(ItemPage):
    """Secure e-mail."""

    actions = (Action.SEND,)
    title, submit = "Send it by secure e-mail", "Send it"
    intro = (
        "The document goes as an encrypted PDF; neither subject nor text says whom it is about. Afterwards you give "
        "the password by phone or text, never by e-mail."
    )

    def form(self, data: Any = None, files: Any = None) -> forms.PlainForm:
        return forms.PlainForm(data)

    def take(self, form: Any) -> Item:
        return actions.send(**self.step)

    def context(self) -> dict[str, Any]:
        mail = AFRESH.mail(self.item)
        return {"email": self.item.email, "secure": mail is not None and mail.is_secure(self.item.email)}

    def words(self, item: Item) -> str:
        return "It is being sent. Next, when it has gone: give the password."


class DecidePage(ItemPage):
    """Uncertain: a person decides."""

    actions = (Action.DECIDE_SENT, Action.DECIDE_NOT_SENT)
    title, submit = "Did it arrive?", "Record it"
    intro = (
        "The connection broke while the message went out, so nobody knows whether it arrived. It is never sent twice "
        "by itself: ask the recipient, then say what they told you."
    )

    def form(self, data: Any = None, files: Any = None) -> forms.DecideForm:
        return forms.DecideForm(data)

    def take(self, form: Any) -> Item:
        return actions.decide(**self.step, **form.cleaned_data)

    def words(self, item: Item) -> str:
        return "Recorded. It is being sent again." if item.sending else "Recorded: it arrived. Give the password next."


class PasswordPage(ItemPage):
    """The password to read out; each look at it is recorded."""

    actions = (Action.GIVE_PASSWORD,)
    title, submit = "Give the password", "They have the password"
    template = "distribution/password.html"

    def form(self, data: Any = None, files: Any = None) -> forms.PasswordForm:
        return forms.PasswordForm(
            data, may_text=can(self.item, self.user, Action.TEXT_PASSWORD, authority=self.authority)
        )

    def take(self, form: Any) -> Item:
        if form.cleaned_data["how"] == "text":
            return actions.text_password(**self.step)
        return actions.give_password(**self.step, recipient_known=form.cleaned_data["recipient_known"])

    def context(self) -> dict[str, Any]:
        record_read(self.item, by=self.user, what="password")
        return {"password": password_of(self.item)}

    def words(self, item: Item) -> str:
        if item.sending:
            return "The password is being sent by text. If it can't be, you are told, and read it out by phone."
        return "Delivered: the recipient has the document and its password."


class AgainPage(ItemPage):
    """Make ready anew."""

    actions = (Action.PREPARE_AGAIN,)
    title, submit = "Make it ready again", "Make it ready again"
    intro = "What was confirmed before is void: their right, the way and the version are asked again."

    def form(self, data: Any = None, files: Any = None) -> forms.ReasonForm:
        return forms.ReasonForm(data)

    def take(self, form: Any) -> Item:
        return actions.prepare_again(**self.step, **form.cleaned_data)

    def words(self, item: Item) -> str:
        return "It can be made ready again."

    def next(self, item: Item) -> tuple[str, ...]:
        return ("distribution:ready", item.reference)


class SetAsidePage(ItemPage):
    """A TM: this recipient gets none."""

    actions = (Action.SET_ASIDE,)
    title, submit, warning = "Set this recipient aside", "Set aside", True
    intro = "They get no copy, and the set says so with your reason: they left, died, or have no right to it."

    def form(self, data: Any = None, files: Any = None) -> forms.ReasonForm:
        return forms.ReasonForm(data)

    def take(self, form: Any) -> Item:
        return actions.set_aside(**self.step, **form.cleaned_data)

    def words(self, item: Item) -> str:
        return "Set aside."

    def next(self, item: Item) -> tuple[str, ...]:
        return ("distribution:set", item.distribution.reference)


class UploadPage(ItemPage):
    """On the case record, with its notes."""

    actions = (Action.UPLOAD,)
    title, submit = "Record it on ICS", "It is on the case record"
    template = "distribution/upload.html"

    def form(self, data: Any = None, files: Any = None) -> forms.UploadedForm:
        return forms.UploadedForm(data)

    def take(self, form: Any) -> Item:
        return actions.upload(**self.step, **form.cleaned_data)

    def context(self) -> dict[str, Any]:
        children = self.item.case.people.filter(relationship=Relationship.CHILD, is_active=True)
        return {"notes": notes_text(self.item), "children": list(children)}

    def words(self, item: Item) -> str:
        return f"On the case record as {item.ics_reference}."


class VersionPage(ItemPage):
    """Safeguarding: a version of their own."""

    actions = (Action.REPLACE_VERSION,)
    title, submit, multipart = "Give this recipient a version of their own", "Use this version", True
    intro = "What the worker confirmed of the former version is void; they are told, and read the new one."

    def form(self, data: Any = None, files: Any = None) -> forms.VersionForm:
        return forms.VersionForm(data, files)

    def take(self, form: Any) -> Item:
        data = form.cleaned_data
        file = take_in(data["file"], title=self.item.distribution.title)
        return actions.replace_version(**self.step, file=file, redaction_confirmed=data["redaction_confirmed"])

    def words(self, item: Item) -> str:
        return "They have a version of their own now. The worker has been told."
