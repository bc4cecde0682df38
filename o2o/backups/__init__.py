"""Backups of SQL, and restoring one: what was acknowledged before its moment is there, and nothing of after it."""
