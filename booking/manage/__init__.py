"""The pages of a hall's manager: the hall now, its services, counters, hours and rules."""
