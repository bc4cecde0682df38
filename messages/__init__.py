"""Telling people: the outbox, what is said in each language, and the channels that carry it."""
