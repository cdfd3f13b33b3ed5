"""Every list and search with 1,000 letters and with a million, on PostgreSQL: as many queries, and how much longer.

The million are the thousand multiplied (`bench.multiply`); BENCH_LETTERS says how many, for a quicker look. Both stand
in databases of their own beside each other and are looked at in turn by the same people. A page that takes another
number of queries with many letters fails the bench, and so does one that reads a big table from end to end.
BENCH_PAGES names the pages to look at by words that their names hold, for one question at a time.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from bench.databases import NAME, copy_to, fresh, use
from bench.measuring import Row, queries_of, row

if TYPE_CHECKING:
    from django.test import Client

FEW = 1_000
MANY = int(os.environ.get("BENCH_LETTERS", "1000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "15"))
ONLY = os.environ.get("BENCH_PAGES", "")
SMALL = "bench_few"
# A table with more rows than this is never to be read from end to end.
BIG = 100_000
# Looks that count, each time that a database has its turn.
LOOKS = 3
# How many rows each list shows a page.
LENGTHS = (
    "letters.work_lists.ON_A_PAGE",
    "letters.finding.PAGE",
    "audit.views.figure_lists.ON_A_PAGE",
    "postroom.cases.selectors.PAGE",
    "distribution.selectors.PAGE",
    "breaches.selectors.PAGE",
)


@dataclass(frozen=True)
class Page:
    """Something that somebody looks at. `data`: what they post, if they do."""

    who: str
    what: str
    address: str
    data: dict[str, str] = field(default_factory=dict)


def bench_lists() -> list[Row]:
    """The table. Raises AssertionError where a page fails, or takes another number of queries with many letters."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return [{"what": "lists", "skipped": "measured on PostgreSQL alone: set DATABASE_URL"}]
    made = prepare()
    clients = sign_in()
    pages = pages_of()
    connection.close()
    copy_to(SMALL)
    made.append(grow())
    for page in (page for page in pages if ONLY in page.what):
        made.append(measured(page, clients[page.who]))
    return made


def prepare() -> list[Row]:
    """A thousand letters, sealed and summed."""
    from django.db import connection

    from audit.dashboards.keeping import keep_up
    from bench.multiply import start_high
    from postroom.ledger.sealing import seal

    def first() -> None:
        with connection.cursor() as cursor:
            start_high(cursor)

    seconds = fresh(letters=FEW, first=first)
    seal(everything=True)
    keep_up()
    return [row(f"seed_demo --letters {FEW}", seconds, "s")]


def grow() -> Row:
    """Multiply the letters."""
    from django.db import connection

    from bench.multiply import multiply

    begun = time.monotonic()
    use(NAME)
    with connection.cursor() as cursor:
        there = multiply(cursor, to=MANY)
    assert there >= MANY, there
    return row(f"{there:,} letters made of them", time.monotonic() - begun, "s")


def sign_in() -> dict[str, Client]:
    """A person for each role that looks at lists; of each the one with most letters."""
    from django.db.models import Count
    from django.test import Client

    from letters.models import Letter
    from postroom.people.demo import BACKEND
    from postroom.people.models import RoleGrant, User

    office = busiest_office()
    worker = (
        Letter.objects.filter(office=office)
        .values_list("case__allocated_worker")
        .annotate(n=Count("pk"))
        .order_by("-n")[0][0]
    )
    people = {"worker": User.objects.get(pk=worker)}
    for role in ("admin", "team_manager", "advanced_practitioner", "district_admin_manager", "information_governance"):
        grants = RoleGrant.objects.filter(role=role, user__is_active=True).select_related("user").order_by("pk")
        people[role] = next((g.user for g in grants if g.office_id in (office, None)), grants[0].user)
    clients = {}
    for name, user in people.items():
        clients[name] = Client(headers={"host": "localhost"})
        clients[name].force_login(user, backend=BACKEND)
    return clients


def busiest_office() -> int:
    """The id of the office with most letters."""
    from django.db.models import Count

    from letters.models import Letter

    return int(Letter.objects.values_list("office").annotate(n=Count("pk")).order_by("-n")[0][0])


def pages_of() -> list[Page]:
    """What is looked at; the same rows stand in both databases, and with many letters others too."""
    from django.urls import reverse
    from django.utils import timezone

    from letters.models import Letter
    from letters.queues import QUEUES
    from postroom.people.models import Office

    find, home = reverse("letters:find"), reverse("letters:my_work")
    office = Office.objects.get(pk=busiest_office())
    done = Letter.objects.filter(office=office, state="uploaded", addressee__ics_number="")
    one, code = done.select_related("addressee", "case")[50], office.code
    middle = Letter.objects.order_by("pk").values_list("pk", flat=True)[Letter.objects.count() // 2]
    surname = one.addressee.name_key.split()[-1]
    child = one.case.people.exclude(ics_number="").first()
    assert child is not None
    month = f"{(Letter.objects.latest('created_at').created_at - dt.timedelta(days=70)).date():%Y-%m}"
    signer = Letter.objects.filter(office=office, signature_kind="pp").values_list("signed_by", flat=True)[0]
    key = f"{int(one.late_at.timestamp() * 1_000_000)}-{one.pk}"
    pages = [Page(who, f"My work of a {who}", home) for who in ("worker", "admin", "team_manager")]
    pages += [Page("advanced_practitioner", "My work of an advanced practitioner", home)]
    for who, slugs in QUEUES_OF.items():
        for queue in QUEUES:
            if queue.slug in slugs:
                pages.append(Page(who, f"list “{queue.title}” of a {who}", reverse("letters:queue", args=[queue.slug])))
    upload = reverse("letters:queue", args=["upload"])
    pages += [
        Page("admin", "list “To upload”, a page further on", f"{upload}?after={key}"),
        Page("admin", "find, nothing filtered", find),
        Page("admin", "find, a page in the middle", f"{find}?before={middle}"),
        Page("admin", "find, uploaded", f"{find}?state=uploaded"),
        Page("admin", "find, drafted", f"{find}?state=drafted"),
        Page("admin", "find, withdrawn", f"{find}?state=withdrawn"),
        Page("worker", "find, own cases", f"{find}?mine=1"),
        Page("worker", "find, own cases, returned", f"{find}?mine=1&state=returned"),
        Page("team_manager", "find, of a fortnight", f"{find}?since={_day(one, -7)}&until={_day(one, 7)}"),
        Page("team_manager", "find, typed, of a fortnight", f"{find}?state=typed&since={_day(one, -7)}"),
    ]
    for what, words in (
        ("a reference", one.reference),
        ("a case's reference", one.case.reference),
        ("a number in ICS", child.ics_number),
        ("a rare name", surname),
        ("a first name", "sorrel"),
        ("a frequent word of the subject", "visit"),
        ("a rarer word of the subject", "vesna"),
        ("two words of the subject", "information vesna"),
        ("what nobody has", "zzyzx"),
    ):
        for who in ("admin", "worker"):
            pages.append(Page(who, f"search of a {who}: {what}", find, {"reference": words}))
    figures, behind, stays = (reverse(f"audit:{name}") for name in ("figures", "figure_letters", "figure_stays"))
    pages += [
        Page("admin", "tray", reverse("letters:tray", args=[code])),
        Page("admin", "letters ready for their envelopes", reverse("letters:enveloping", args=[code])),
        Page("admin", "letters to print", reverse("letters:print_several", args=[code])),
        Page("admin", "cases", reverse("cases")),
        Page("district_admin_manager", "compliance figures", f"{figures}?months=12"),
        *(
            Page("team_manager", f"letters behind the figures: {what}", f"{behind}?months=12&what={what}")
            for what in ("stuck", "owed", "posted", "pp", "returned")
        ),
        *(
            Page("team_manager", f"letters behind the figures: {what}", f"{behind}?months=12&what={more}")
            for what, more in (
                ("posted in a month", f"posted&month={month}"),
                ("pp in a month", f"pp&month={month}"),
                ("pp by one person", f"pp&by={signer}"),
                ("returned in a month", f"returned&month={month}"),
                ("typed and stuck", "stuck&state=typed"),
                ("posted, a page further on", f"posted&before={timezone.localdate() - dt.timedelta(days=30)}_1"),
            )
        ),
        *(
            Page("team_manager", f"stays behind the figures: {what}", f"{stays}?months=12&state={more}")
            for what, more in (
                ("signed", "signed"),
                ("a day at most", "signed&group=0"),
                ("over 7 days", "posted&group=3"),
                ("a page further on", f"signed&before={timezone.localdate() - dt.timedelta(days=30)}_1"),
            )
        ),
        Page("admin", "reports and minutes", reverse("distribution:sets")),
        Page("information_governance", "breaches", reverse("breaches:breaches")),
        Page("information_governance", "My work of information governance", home),
        Page("team_manager", "breaches behind the figures", f"{reverse('audit:figure_breaches')}?months=12"),
        Page("team_manager", "copies behind the figures", f"{reverse('audit:figure_copies')}?months=12"),
        Page("district_admin_manager", "letters behind the figures: posted, of the few drawn", f"{behind}?what=posted"),
    ]
    return pages


QUEUES_OF = {
    "worker": ("check", "sign", "came-back", "with-others"),
    "admin": ("type", "print", "confirm", "envelope", "post", "upload", "proof"),
    "team_manager": ("late-pp", "late-check"),
}


def _day(letter: Any, days: int) -> str:
    import datetime as dt

    return str(letter.created_at.date() + dt.timedelta(days=days))


def measured(page: Page, client: Client) -> Row:
    """One page in both databases by turns: the least time of each, the number of queries, and what reads too much.

    The least of many, because what else the machine does only ever adds. Where the thousand have fewer rows to show,
    both show so many: otherwise the ratio were mostly that of the rows. Beside the time by the clock stands that of the
    processors: this process and the database's own.
    """
    taken: dict[str, list[float]] = {SMALL: [], NAME: []}
    worked: dict[str, list[float]] = {SMALL: [], NAME: []}
    asked: dict[str, list[str]] = {}
    rows: dict[str, int] = {}

    def look() -> None:
        answer = client.post(page.address, page.data) if page.data else client.get(page.address)
        to_letter = answer.status_code == 302 and answer.headers["Location"].startswith("/letters/")
        assert answer.status_code == 200 or to_letter, (page, answer.status_code)
        rows[name] = max(answer.content.count(b"<tr") - 1, 0)

    for name in taken:
        use(name)
        look()
    with pages_of_length(min(rows.values()) if rows[SMALL] != rows[NAME] else 0):
        for name in taken:
            use(name)
            # A look now and then notes that the session is still used.
            asked[name] = min((queries_of(look) for _ in range(3)), key=len)
        for _ in range(ROUNDS):
            for name in taken:
                use(name)
                look()  # the connection is new: the first look warms it
                for _ in range(LOOKS):
                    work, begun = processors(), time.perf_counter()
                    look()
                    taken[name].append((time.perf_counter() - begun) * 1000)
                    worked[name].append(processors() - work)
    quick, slow = min(taken[SMALL]), min(taken[NAME])
    few, many = len(asked[SMALL]), len(asked[NAME])
    assert few == many, (page, few, many)
    whole = read_whole(asked[NAME])
    assert not whole, (page, whole)
    beside = f"{FEW:,} letters: {quick:.1f} ms ({min(worked[NAME]) / min(worked[SMALL]):.2f} of the processors' time)"
    if rows[SMALL] != rows[NAME]:
        beside += f" with {rows[SMALL]} rows, not {rows[NAME]}"
    return row(page.what, slow, "ms", ratio=round(slow / quick, 2), beside=beside, queries=many, queries_before=few)


@contextmanager
def pages_of_length(rows: int) -> Iterator[None]:
    """Let every list show so many rows a page; 0: as they are."""
    with ExitStack() as undo:
        for name in LENGTHS if rows else ():
            undo.enter_context(patch(name, rows))
        yield


def processors() -> float:
    """Milliseconds of work so far: of this process and of the one that serves its connection, where it can be seen."""
    from django.db import connection

    own = time.process_time() * 1000
    with suppress(OSError):  # another machine's, or a system without it
        own += int(Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text().split()[0]) / 1e6
    return own


def read_whole(statements: list[str]) -> list[str]:
    """The big tables that one of these statements reads from end to end."""
    from django.db import connection

    found = []
    with connection.cursor() as cursor:
        for sql in statements:
            if not sql.startswith("SELECT"):
                continue
            cursor.execute("EXPLAIN (FORMAT JSON) " + sql.replace("%", "%%"), [])
            (plan,) = cursor.fetchone()
            found += [f"{table} in {sql[:2000]}" for table in _scanned(plan[0]["Plan"]) if _size(cursor, table) > BIG]
    return found


def _scanned(plan: dict[str, Any]) -> list[str]:
    own = [plan["Relation Name"]] if plan["Node Type"] == "Seq Scan" else []
    return own + [name for part in plan.get("Plans", []) for name in _scanned(part)]


def _size(cursor: Any, table: str) -> int:
    cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [table])
    return int(cursor.fetchone()[0])
