"""Verbs on the record. Keyword-only, `by=`."""
