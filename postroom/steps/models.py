"""The abstract row that every subject of the engine is."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django_fsm import FSMModelMixin, transition

from postroom.ledger.subjects import LedgerSubject
from postroom.steps.errors import Stale
from postroom.steps.table import Rules


class StepSubject(FSMModelMixin, LedgerSubject):
    """A row whose state moves only through `postroom.steps.engine.take`.

    `version` counts its steps. `content_hash` is what a person checks and signs (empty where there is none).
    """

    rules: ClassVar[Rules[str]]

    version = models.PositiveIntegerField(default=0, editable=False)
    content_hash = models.CharField(max_length=64, blank=True, default="", editable=False)

    # Set by the engine just before save(): the UPDATE then carries WHERE version = the one seen.
    _expected_version: int | None = None

    class Meta:
        abstract = True

    def _do_update(self, base_qs: models.QuerySet[Any], *args: Any, **kwargs: Any) -> Any:
        # Here rather than by queryset.update, so that simple-history sees the save (facts.md).
        if self._expected_version is not None:
            base_qs = base_qs.filter(version=self._expected_version)
        updated = super()._do_update(base_qs, *args, **kwargs)
        if not updated and self._expected_version is not None:
            raise Stale("Somebody else took a step at the same moment. Nothing of yours was lost; look again.", self)
        return updated


def declare_transitions(rules: Rules[str], field: str = "state") -> type:
    """A base class whose methods `fsm_<action>` are django-fsm transitions, one source and target per table row.

    django-fsm then refuses every move that the table doesn't hold, whoever calls.
    """
    methods: dict[str, Any] = {}
    for action in rules.actions():
        rows = [row for row in rules.transitions if row.action == action and row.source]
        if not rows:
            continue

        def method(self: Any) -> None:
            """The move itself; everything else is the engine's."""

        method.__name__ = method.__qualname__ = f"fsm_{action}"
        for row in rows:
            method = transition(field=field, source=row.source, target=row.target)(method)
        methods[f"fsm_{action}"] = method
    # An abstract model, so that migrations leave it out of a table's bases.
    meta = type("Meta", (), {"abstract": True})
    return type("DeclaredTransitions", (models.Model,), {**methods, "Meta": meta, "__module__": __name__})
