"""The letters' kinds of job."""

from __future__ import annotations

import datetime as dt

from letters.actions import emailing, ics, print_runs
from postroom.outbox.registry import handler

# Doubling from one minute to six hours: about three days before a person is asked.
handler(ics.KIND, repeatable=True, max_attempts=20, back_off=dt.timedelta(minutes=1), lease=dt.timedelta(minutes=3))(
    ics.deliver
)
handler(
    emailing.KIND,
    repeatable=False,
    max_attempts=6,
    lease=dt.timedelta(minutes=10),
    when_given_up=emailing.given_up,
)(emailing.carry)
# A run of 200 letters whose PDFs were never made takes well under a minute.
handler(print_runs.KIND, repeatable=True, max_attempts=5, lease=dt.timedelta(minutes=10))(print_runs.make_run)
