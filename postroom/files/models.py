"""Files by their SHA-256: what was stored under a hash is what comes back, or an error."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone


class StoredFile(models.Model):
    """One file's bytes, named by their SHA-256 (64 lower-case hex digits). `size` is in bytes. The bytes never
    change; `last_stored_at` (UTC) says since when nobody has stored them again, for the sweep of unused ones.
    `from_outside`: somebody uploaded it, or it is what was uploaded, made a PDF; `scanned_at` (UTC): a virus scanner
    found nothing in it then (empty: none was set up). Postroom's own files are neither."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_stored_at = models.DateTimeField(default=timezone.now, editable=False)
    from_outside = models.BooleanField(default=False)
    scanned_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "files_storedfile"
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="files_sha256_shape"),
        ]
        indexes = [models.Index(fields=["last_stored_at"], name="files_last_stored")]

    def __str__(self) -> str:
        return self.sha256
