"""Filters that somebody keeps by a name of their own."""

from __future__ import annotations

from django.db import models

from postroom.people.models import User


class SavedFilter(models.Model):
    """A list of letters that somebody looks at often. `query` holds filters alone, never what was typed."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_filters")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=200)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="saved_filter_once")]

    def __str__(self) -> str:
        return f"filter {self.pk}"
