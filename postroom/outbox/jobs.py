"""The outbox's own kinds of job."""

from __future__ import annotations

import datetime as dt

from postroom.outbox import mail, summary
from postroom.outbox.registry import handler

handler(mail.KIND, repeatable=False, max_attempts=10, back_off=dt.timedelta(minutes=1), lease=dt.timedelta(minutes=3))(
    mail.send_notice
)
handler(
    summary.KIND, repeatable=False, max_attempts=10, back_off=dt.timedelta(minutes=1), lease=dt.timedelta(minutes=3)
)(summary.send_summary)
