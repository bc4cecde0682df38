"""Tickets: the line, calling, and the pages and endpoints of both sides of the counter."""
