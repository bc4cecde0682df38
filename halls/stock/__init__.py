"""Stock: what is where, what is held and allocated of it, and every movement."""
