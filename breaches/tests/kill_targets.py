"""What the kill tests run in a process of its own. The order to carry out lies in the data folder."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from breaches import actions
from breaches.duties import Kind
from breaches.models import Breach
from breaches.tests.scene import Scene, answers
from postroom.cases.models import Case, CasePerson
from postroom.outbox.carrier import run_due
from postroom.people.models import Office, User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import Stale


def _agree(breach: Breach, seen: Seen, by: User) -> Breach:
    # Whichever proposal was on screen: agreed already, the step is stale before it is looked at.
    return actions.agree_decision(breach=breach, by=by, seen=seen, decision=breach.decisions.latest("pk"))


def _sign(breach: Breach, seen: Seen, by: User) -> Breach:
    return actions.sign_report(breach=breach, by=by, seen=seen, findings="It was from memory.", signed_off=True)


def _notify(breach: Breach, seen: Seen, by: User) -> Breach:
    return actions.make_notification(breach=breach, by=by, seen=seen)


def _name(breach: Breach, seen: Seen, by: User) -> Breach:
    return actions.name_people(breach=breach, by=by, seen=seen, people=[_parent()])


def _clear(breach: Breach, seen: Seen, by: User) -> Breach:
    # Cleared already, the step is stale before it is looked at.
    row = breach.service_users.latest("pk")
    return actions.clear_person(breach=breach, by=by, seen=seen, service_user=row, reason="Not their data.")


def _meet(breach: Breach, seen: Seen, by: User) -> Breach:
    row, now = breach.service_users.latest("pk"), timezone.now()
    return actions.meet_person(breach=breach, by=by, seen=seen, service_user=row, happened_at=now, note="At home.")


def _withdraw(breach: Breach, seen: Seen, by: User) -> Breach:
    return actions.withdraw_phase(breach=breach, by=by, seen=seen, reason="Nothing more was found.")


def _finish(breach: Breach, seen: Seen, by: User) -> Breach:
    # Finished already, the step is stale before it is looked at.
    action = breach.follow_ups.get(for_deciders=True)
    return actions.finish_follow_up(breach=breach, by=by, seen=seen, follow_up=action, result="Begun as HR 12.")


# What is done, and who does it: the second decider's hand, what is frozen as a file that the step makes, whose data it
# was and who told them, a promise to the Commissioner that is taken back, and what only the two who decide know of.
STEPS: dict[str, tuple[Role, Callable[[Breach, Seen, User], Breach]]] = {
    "agree_decision": (Role.CALDICOTT_GUARDIAN, _agree),
    "sign_report": (Role.RECORDS_MANAGER, _sign),
    "make_notification": (Role.INFORMATION_GOVERNANCE, _notify),
    "name_people": (Role.INFORMATION_GOVERNANCE, _name),
    "clear_person": (Role.INFORMATION_GOVERNANCE, _clear),
    "meet_person": (Role.INFORMATION_GOVERNANCE, _meet),
    "withdraw_phase": (Role.INFORMATION_GOVERNANCE, _withdraw),
    "finish_follow_up": (Role.CALDICOTT_GUARDIAN, _finish),
}


def _parent() -> CasePerson:
    return CasePerson.objects.get(pk=_people()["parent"])


def _order_file() -> Path:
    return Path(settings.DATA_DIR) / "order.json"


def council() -> None:
    """The people, once; who does the step is found again by the ids kept beside the order."""
    scene = Scene()
    people = {str(role): user.pk for role, user in scene.wide.items()}
    people |= {"office": scene.desk.office.pk, "reporter": scene.desk.other_worker.pk}
    people |= {"case": scene.desk.case.pk, "parent": scene.desk.parent.pk}
    (Path(settings.DATA_DIR) / "people.json").write_text(json.dumps(people))


def _people() -> dict[str, int]:
    found: dict[str, int] = json.loads((Path(settings.DATA_DIR) / "people.json").read_text())
    return found


def prepare() -> None:
    """A new breach, decided by the first of the two; the order then says what was seen."""
    order: dict[str, Any] = json.loads(_order_file().read_text())
    ids = _people()
    ig = User.objects.get(pk=ids[Role.INFORMATION_GOVERNANCE])
    dpo, ad = (User.objects.get(pk=ids[r]) for r in (Role.DATA_PROTECTION_OFFICER, Role.ASSISTANT_DIRECTOR))
    breach = actions.report(by=User.objects.get(pk=ids["reporter"]), report=_told())
    words = {"consequences": "Distress.", "containment": "Fetched back.", "redress": "An apology."}
    breach = actions.assess(breach=breach, by=ig, seen=Seen.of(breach), likelihood=3, severity=3, **words)
    breach = actions.ask_advice(breach=breach, by=ig, seen=Seen.of(breach), question="Refer?")
    breach = actions.advise(breach=breach, by=dpo, seen=Seen.of(breach), text="Not needed.")
    breach = actions.propose_decision(breach=breach, by=ad, seen=Seen.of(breach), answers=answers(disciplinary=True))
    if order["step"] in ("clear_person", "meet_person"):
        breach = _name(breach, Seen.of(breach), ig)
    if order["step"] == "finish_follow_up":
        breach = _agree(breach, Seen.of(breach), User.objects.get(pk=ids[Role.CALDICOTT_GUARDIAN]))
    if order["step"] == "withdraw_phase":
        more = {"more_to_come": True, "more_by": timezone.localdate()}
        breach = actions.make_notification(breach=breach, by=ig, seen=Seen.of(breach), **more)
        breach = actions.refer(breach=breach, by=ig, seen=Seen.of(breach), at=timezone.now(), reference="IC-1")
    order |= {"pk": breach.pk, "subject": breach.ledger_subject, "version": breach.version}
    _order_file().write_text(json.dumps(order))


def _told() -> actions.Report:
    """What a reporter tells."""
    now = timezone.now()
    return actions.Report(
        kinds=(Kind.LOSS,),
        office=Office.objects.get(pk=_people()["office"]),
        what="A bag was left on the train.",
        occurred_at=now - dt.timedelta(hours=5),
        discovered_at=now - dt.timedelta(hours=2),
        discovered_by="A colleague",
        aware_at=now - dt.timedelta(hours=1),
        cases=(Case.objects.get(pk=_people()["case"]),),
    )


def take() -> None:
    """Take the ordered step on what was seen. A second time it is stale, and nothing happens."""
    order = json.loads(_order_file().read_text())
    role, verb = STEPS[order["step"]]
    breach = Breach.objects.get(pk=order["pk"])
    try:
        verb(breach, Seen(order["version"], breach.content_hash), User.objects.get(pk=_people()[str(role)]))
    except Stale:
        (Path(settings.DATA_DIR) / "stale").touch()


def carry() -> None:
    """Do what is owed to the outside."""
    run_due()
