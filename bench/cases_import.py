"""A file of 50,000 people from ICS: previewed, taken over, and taken over again with nothing changed."""

from __future__ import annotations

import csv
import io
import os
import time
from random import Random

from bench.databases import empty
from bench.measuring import Row, row
from bench.memory import apart

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "50000"))
A_CASE = 4
HEAD = (
    "case", "office", "worker", "person", "relationship", "name", "ics_number", "date_of_birth", "organisation",
    "address_1", "address_2", "postcode",
)  # fmt: skip


def bench_import() -> list[Row]:
    """The seconds and the memory of each part, as the worker's jobs do it one after the other."""
    from django.db import connections

    from postroom.cases.models import Address, Case, CasePerson
    from tests.support import world

    empty()
    desk = world.Desk(world.make_office("bench", "Bench"))
    connections.close_all()
    before = CasePerson.objects.count()
    connections.close_all()
    data = file_of(PEOPLE, desk.worker.email)
    made = [row(f"a file of {PEOPLE:,} people", len(data) / 1e6, "MB")]
    for what, again in (("", False), (", a second time", True)):
        (read, taken), grown = apart(lambda: bring_in(data, desk.admin.pk))
        made.append(row(f"{PEOPLE:,} people previewed{what}", read, "s"))
        made.append(row(f"{PEOPLE:,} people taken over{what}", taken, "s", a_second=round(PEOPLE / taken)))
        made.append(row(f"memory of it{what}", grown, "MB"))
        connections.close_all()
        assert CasePerson.objects.count() == before + PEOPLE, again
    assert Case.objects.count() == 1 + PEOPLE // A_CASE
    assert Address.objects.count() > PEOPLE // 2
    return made


def file_of(people: int, worker: str) -> bytes:
    """Cases of four: two children, a parent with an address, a professional with another."""
    rng = Random(3)
    sounds = ("Ba", "Cor", "Den", "Fal", "Gim", "Hol", "Jas", "Kel", "Lum", "Mor", "Nis", "Pel")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for number in range(people // A_CASE):
        surname = "".join(rng.choice(sounds) for _ in range(3)).capitalize()
        case = [f"F{number}", "bench", worker]
        for child in (0, 1):
            number_in_ics = 1_000_000 + 2 * number + child
            person = [f"{number}-{child}", "child", f"Kit {surname}", number_in_ics, "2016-07-20", "", "", "", ""]
            writer.writerow([*case, *person])
        house = rng.randrange(1, 200)
        home = [f"{house} Invented Road", "NORTHMERE", f"NM{house % 9 + 1} {house % 9}BB"]
        writer.writerow([*case, f"{number}-2", "parent", f"Ms Ada {surname}", "", "", "", *home])
        away = [f"{house} School Lane", "NORTHMERE", "NM2 3BB"]
        writer.writerow([*case, f"{number}-3", "professional", f"Dr Mo {surname}", "", "", "Invented Surgery", *away])
    return out.getvalue().encode()


def bring_in(data: bytes, admin: int) -> tuple[float, float]:
    """Seconds until the preview stands, and until all is taken over."""
    from django.utils import timezone

    from postroom.cases.ics import taking
    from postroom.people.models import User

    by = User.objects.get(pk=admin)
    begun = time.monotonic()
    made = taking.upload(data=data, as_of=timezone.localdate(), by=by)
    work()
    made.refresh_from_db()
    assert made.state == "ready", made.state
    read = time.monotonic() - begun
    begun = time.monotonic()
    taking.start(made=made, by=by)
    work()
    made.refresh_from_db()
    assert made.state == "done", made.state
    return read, time.monotonic() - begun


def work() -> None:
    """Every job of an import, until none is owed."""
    from postroom.cases.ics import taking
    from postroom.outbox.carrier import carry
    from postroom.outbox.models import Job

    while job := Job.objects.filter(kind__in=[taking.READ, taking.TAKE], state="owed").first():
        carry(job.pk)
        job.refresh_from_db()
        assert job.state == "done", job.last_error
