"""Recorded hall days, played through the service's public HTTP API and judged."""
