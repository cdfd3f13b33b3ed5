"""The desk's acts beside the way, each by four at the same moment. A process of its own on a committed database:

    python -m letters.tests.desk_race

Prints one JSON object: for each act how many of the four it was done for, and how many rows it left.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import Any

THREADS = 4


def set_posts(desk: Any, race: Callable[..., None], found: dict[str, list[int]]) -> None:
    """How an office does its post, set by eight at once; and turned off in the moment in which one relies on it."""
    from django.utils import timezone

    from letters import actions
    from letters.actions.stock import seen_of, set_office_post, told_of
    from letters.models import EnvelopeStock, OfficePost
    from letters.states import State
    from postroom.cases.models import Address
    from postroom.ledger.models import Entry
    from postroom.people.models import Office
    from postroom.people.roles import Role
    from postroom.steps.engine import Seen
    from tests.support import world

    stock, admins = EnvelopeStock.objects.get(slug="dl"), (desk.admin, desk.other_admin)
    # From one page, by eight, each another last day; then all the same; and where nothing was chosen yet.
    managers, days, today = (desk.manager, desk.deputy), count(1), timezone.localdate()
    chosen = {"stock": stock, "signature_medium": "paper", "return_mark": "label", "letters_abroad_from": today}

    def settings_of(office: Office) -> int:
        return Entry.objects.filter(subject=office.ledger_subject, action="set_office_post").count()

    def another(number: int) -> None:
        last = today + dt.timedelta(days=next(days))
        set_office_post(office=desk.office, by=managers[number % 2], **chosen, letters_abroad_until=last, seen=opened)

    opened = seen_of(told_of(OfficePost.objects.get(office=desk.office)))
    race("an office's post", another, lambda: settings_of(desk.office), 8)
    opened = seen_of(told_of(OfficePost.objects.get(office=desk.office)))
    race(
        "an office's post, the same",
        lambda n: set_office_post(office=desk.office, by=managers[n % 2], **chosen, seen=opened),
        lambda: settings_of(desk.office),
        8,
    )
    new, keeper = Office.objects.create(code="new", name="New"), world.make_user("Sid", None, Role.SYSTEM_ADMINISTRATOR)
    race(
        "a new office's post",
        lambda n: set_office_post(office=new, by=keeper, **chosen, seen=seen_of({})),
        lambda: settings_of(new),
        8,
    )

    # A letter abroad is posted in the moment in which its office allows that no more: posted or refused, no third.
    lines = "7 rue Lointaine\n44000 NANTES\nFRANCE"
    verified = {"source": "visit", "verified_on": today, "verified_by": desk.worker}
    desk.address = Address.objects.create(person=desk.parent, lines=lines, **verified)
    far = world.letter_in(desk, State.ENVELOPED)
    sealed, off = Seen.of(far), {name: value for name, value in chosen.items() if name != "letters_abroad_from"}

    def posted_or_off(number: int) -> None:
        if number:
            by = admins[number % 2]
            actions.post(letter=far, by=by, seen=sealed, posted_on=today, post_class="intstd")
        else:
            set_office_post(office=desk.office, by=desk.manager, **off)

    race("posted abroad, or allowed no more", posted_or_off, lambda: int(world.fresh(far).state == State.POSTED))
    done, went = found.pop("posted abroad, or allowed no more")
    found["allowed no more, but for what was posted"] = [done - went]


def main() -> None:
    """Everybody tries with what was on their screen before the others began; then each once more, with the same."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.settings")
    django.setup()
    from django.db import connection
    from django.utils import timezone

    from letters import actions
    from letters.actions.giving import Given
    from letters.actions.print_runs import make_run, say_what_came_out, start_run
    from letters.actions.printers import measure
    from letters.actions.tray import Chosen
    from letters.completed import children_owed
    from letters.models import EnvelopeStock
    from letters.rendering.calibration import Measured
    from letters.states import State
    from letters.tests.forward import make_council
    from postroom.ledger.models import Entry
    from postroom.outbox.models import Job
    from postroom.steps.engine import Seen
    from postroom.steps.errors import InvalidStep, StepError
    from tests.support import world

    desk = make_council()
    found: dict[str, list[int]] = {}

    def race(name: str, act: Callable[[int], Any], rows: Callable[[], int], threads: int = THREADS) -> None:
        barrier, before = Barrier(threads), rows()

        def trial(number: int) -> int:
            try:
                barrier.wait(timeout=60)
                act(number)
            except StepError:
                return 0
            finally:
                connection.close()
            return 1

        with ThreadPoolExecutor(threads) as pool:
            done = sum(pool.map(trial, range(threads)))
        try:
            act(0)
            done += 100  # the same button, pressed again later: it must be told no
        except StepError:
            pass
        found[name] = [done, rows() - before]

    admins = (desk.admin, desk.other_admin)
    typed = actions.print_letter(
        letter=(letter := world.letter_in(desk, State.TYPED)), by=desk.admin, seen=Seen.of(letter)
    )
    printed, seen = typed.prints.get(), Seen.of(typed)

    def outcome(number: int) -> None:
        """Half say that it came out, half that it did not."""
        by = admins[number % 2]
        if number % 2:
            actions.confirm_print(letter=typed, by=by, printed=printed)
        else:
            actions.void_print(letter=typed, by=by, seen=seen, printed=printed)

    race("came out", outcome, lambda: typed.prints.filter(came_out__isnull=False).count())

    printer, stock = desk.office.printers.get(), EnvelopeStock.objects.get(slug="dl")
    exact, at = Measured(20, 20, 190, 20, 20, 277), printer.ledger_seq
    race(
        "measure",
        lambda n: measure(printer=printer, stock=stock, by=admins[n % 2], seen=at, measured=exact, in_envelope=True),
        lambda: printer.calibrations.count(),
    )

    draft = actions.ask(letter=world.hand_over(desk), by=desk.admin, text="Which school is meant?")
    question = draft.questions.get()
    race(
        "answer",
        lambda n: actions.answer(letter=draft, by=desk.worker, question=question, text=f"The one in road {n}."),
        lambda: draft.questions.filter(answered_at__isnull=False).count(),
    )

    wish, on_screen = world.hand_over(desk), None
    on_screen = Seen.of(wish)
    brief = {"due_kind": "post_by", "due_on": timezone.localdate(), "due_why": "Court.", "letter_format": "standard"}
    race(
        "brief",
        lambda n: actions.change_brief(letter=wish, by=desk.worker, seen=on_screen, language="", **brief),
        lambda: world.fresh(wish).version,
    )

    braille = world.letter_in(desk, State.TYPED, letter_format="braille")
    volume = {"what": "Braille, one volume", "count": 1, "made_by": "RNIB", "made_on": timezone.localdate()}
    made = Seen.of(braille)
    race(
        "made in Braille",
        lambda n: actions.record_format(letter=braille, by=admins[n % 2], seen=made, **volume),
        lambda: braille.typed_version.made_in_format.count(),
    )

    teacher = desk.case.people.get(relationship="professional")
    one = world.several(desk, body=f"Come with {teacher.name}.")[0]
    unsaid, confirmed = Seen.of(one), {"address_confirmed": True, "body_confirmed": True, "found_belongs": True}
    race(
        "whom it names, with a check",
        lambda n: actions.check(letter=one, by=desk.worker, seen=unsaid, **confirmed),
        lambda: Entry.objects.filter(subject=one.ledger_subject, action="name_others").count(),
    )

    source, other = world.several(desk)
    before = Seen.of(other)

    def given_or_checked(number: int) -> None:
        """Half give it the words of the other, half check it as it is."""
        if number % 2:
            actions.check(letter=other, by=desk.worker, seen=before, address_confirmed=True, body_confirmed=True)
            return
        (result,) = actions.give_words(
            letter=source,
            by=desk.admin,
            seen=Seen.of(source),
            chosen=[Given(other, before, 0, world.typed(), other.address)],
        )
        if not result.done:
            raise InvalidStep(result.words, "")

    race("given its words, or checked", given_or_checked, lambda: world.fresh(other).version)

    world.add_child(desk)
    posted = world.letter_in(desk, State.POSTED)
    child, then = children_owed(posted)[0], Seen.of(posted)
    race(
        "one child's upload",
        lambda n: actions.upload(letter=posted, by=admins[n % 2], seen=then, ics_reference=f"DOC-{n}", child=child),
        lambda: posted.ics_uploads.filter(done_at__isnull=False).count(),
    )

    several = [world.letter_in(desk, State.TYPED) for _ in range(2)]
    run = start_run(office=desk.office, by=desk.admin, chosen=[Chosen(one, Seen.of(one)) for one in several])
    effect = make_run(Job.objects.get(kind="print_run", key=str(run.pk)))
    assert effect is not None
    effect()
    ids = {row.pk for row in run.letters.all()}
    race(
        "what came out of a run",
        lambda n: say_what_came_out(run=run, by=admins[n % 2], came_out=ids),
        lambda: sum(one.prints.filter(came_out=True).count() for one in several),
    )

    set_posts(desk, race, found)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
