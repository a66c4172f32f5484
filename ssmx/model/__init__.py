"""Nouns and decisions; the standard library only, no I/O and no clock."""
