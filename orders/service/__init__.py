"""What is done to orders, a family of verbs a file."""
