"""The protocol's model and its checker: how to run and read it is in README.md."""
