"""Halls: services, counters, opening hours, position, capacity and rules, all of it data."""
