"""Printed codes: sign, draw, resolve, revoke. What a scan means is decided above."""
