"""The ledger's tables. None has a foreign key: nothing that happens elsewhere may cascade into them.

Entries, seals and checkpoints are append-only by trigger (triggers.py, protection.py), for the database's owner too.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from postroom.ledger.chain import EntryValues, to_microseconds
from postroom.ledger.fields import MomentField
from postroom.ledger.subjects import LedgerSubject


class Entry(models.Model):
    """One step of one subject: who, when, what (OGP-0). It names no addressee; reasons lie beside it (Reason).

    `actor_role` and `actor_authority` are words as they stood at that moment. `payload` is JSON text, hashed as stored.
    """

    subject = models.TextField()
    seq = models.BigIntegerField()
    at = MomentField()
    action = models.TextField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.TextField()
    actor_role = models.TextField(blank=True, default="")
    actor_authority = models.TextField(blank=True, default="")
    from_state = models.TextField(blank=True, default="")
    to_state = models.TextField(blank=True, default="")
    version = models.BigIntegerField(default=0)
    content_hash = models.TextField(blank=True, default="")
    reason_hash = models.TextField(blank=True, default="")
    payload = models.TextField(default="{}")
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "ledger_entry"
        constraints = [
            models.UniqueConstraint(fields=["subject", "seq"], name="ledger_one_entry_per_place"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="ledger_seq_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.seq}: {self.action}"

    def values(self) -> EntryValues:
        """What is hashed."""
        return EntryValues(
            self.subject,
            self.seq,
            to_microseconds(self.at),
            self.action,
            self.actor_id,
            self.actor_name,
            self.actor_role,
            self.actor_authority,
            self.from_state,
            self.to_state,
            self.version,
            self.content_hash,
            self.reason_hash,
            self.payload,
            self.previous_hash,
        )


class Reason(models.Model):
    """The words of an entry's reason. Retention may delete it, salt and all; the entry's salted hash stays."""

    subject = models.TextField()
    seq = models.BigIntegerField()
    salt = models.CharField(max_length=64)
    text = models.TextField()

    class Meta:
        db_table = "ledger_reason"
        constraints = [models.UniqueConstraint(fields=["subject", "seq"], name="ledger_one_reason_per_entry")]

    def __str__(self) -> str:
        return f"reason of {self.subject} {self.seq}"


class Disposal(models.Model):
    """Leave to delete the reasons of one subject up to a place, and the record that it was given.

    Without such a row the database itself refuses to delete a reason.
    """

    subject = models.TextField()
    up_to_seq = models.BigIntegerField()
    at = MomentField()

    class Meta:
        db_table = "ledger_disposal"
        indexes = [models.Index(fields=["subject", "up_to_seq"], name="ledger_disposal_subject")]

    def __str__(self) -> str:
        return f"reasons of {self.subject} up to {self.up_to_seq}"


class Seal(models.Model):
    """An entry's place in the one order of all entries; ids commit out of order, positions don't."""

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    entry_hash = models.CharField(max_length=64)

    class Meta:
        db_table = "ledger_seal"
        constraints = [models.CheckConstraint(condition=Q(position__gte=1), name="ledger_position_from_one")]

    def __str__(self) -> str:
        return f"{self.position}: entry {self.entry_id}"


class Checkpoint(models.Model):
    """A run of seals under one RFC 6962 root, chained to the checkpoint before it.

    `signature` is Ed25519 over `hash`, by a key that isn't in the database; both empty where there is no key.
    """

    number = models.BigIntegerField(primary_key=True)
    first_position = models.BigIntegerField()
    last_position = models.BigIntegerField(unique=True)
    root = models.CharField(max_length=64)
    at = MomentField()
    installation = models.TextField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    public_key = models.CharField(max_length=64, blank=True, default="")
    signature = models.CharField(max_length=128, blank=True, default="")

    class Meta:
        db_table = "ledger_checkpoint"
        constraints = [
            models.CheckConstraint(
                condition=Q(number__gte=1, last_position__gte=F("first_position")), name="ledger_checkpoint_holds_some"
            )
        ]

    def __str__(self) -> str:
        return f"checkpoint {self.number}, positions {self.first_position} to {self.last_position}"

    @property
    def count(self) -> int:
        """How many entries it seals."""
        return self.last_position - self.first_position + 1


class Reading(models.Model):
    """Somebody opened a subject or one of its files (CLS-1: reads are logged, not only writes). Append-only.

    `subject` as in entries; `what` is a short word (page, pdf, picture, file). Written by `readings.record_read` alone.
    """

    subject = models.TextField()
    reader_id = models.BigIntegerField()
    reader_name = models.TextField()
    what = models.CharField(max_length=20)
    at = MomentField()

    class Meta:
        db_table = "ledger_reading"
        indexes = [
            models.Index(fields=["subject", "-id"], name="ledger_reading_subject"),
            models.Index(fields=["reader_id", "-id"], name="ledger_reading_reader"),
        ]

    def __str__(self) -> str:
        return f"reading {self.pk}"


class ReadLog(LedgerSubject):
    """The log of readings as a subject of the ledger: one row, one chain, an entry for each batch that was sealed."""

    ledger_kind = "readings"

    class Meta:
        db_table = "ledger_read_log"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="ledger_one_read_log")]

    def __str__(self) -> str:
        return "the log of readings"

    @property
    def ledger_key(self) -> str:
        return "log"


class ReadBatch(models.Model):
    """Readings sealed together under the entry `seq` of the log's chain.

    `runs` says which ids ("1-5,7"), `leaves` holds the hash of each, 64 hexadecimal digits, in order of id.
    """

    seq = models.BigIntegerField(primary_key=True)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField(db_index=True)
    runs = models.TextField()
    leaves = models.TextField()

    class Meta:
        db_table = "ledger_read_batch"

    def __str__(self) -> str:
        return f"readings {self.runs}"
