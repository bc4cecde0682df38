"""Live delivery: the hub and its streams, displays and how they are paired."""
