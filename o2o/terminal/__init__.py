"""A hall's display in a terminal, by the rules that the page keeps to."""
