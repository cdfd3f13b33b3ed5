"""Verbs of this floor: keyword-only, `by=`, `seen=`; each a step on the engine."""
