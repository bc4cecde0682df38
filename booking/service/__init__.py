"""The verbs of the line: arrivals, calling, counters, days. Each returns what is committed."""
