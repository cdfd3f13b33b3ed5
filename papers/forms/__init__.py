"""Forms of the register. What they hold is checked again by the verbs."""

from papers.forms.agreeing import AgreementForm
from papers.forms.ending import BackForm, DestroyedForm, FoundForm, LostForm
from papers.forms.keeping import AnotherDayForm, AnswerForm, RecordForm
from papers.forms.taking import AskForm, LeaveForm, TakeForm

__all__ = [
    "AgreementForm",
    "AnotherDayForm",
    "AnswerForm",
    "AskForm",
    "BackForm",
    "DestroyedForm",
    "FoundForm",
    "LeaveForm",
    "LostForm",
    "RecordForm",
    "TakeForm",
]
