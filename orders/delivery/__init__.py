"""What leaves a place and comes to somebody's door: where to, for how much, when, and how far it is."""
