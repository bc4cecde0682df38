"""The commands of `o2o`, a file a family. Each is a plain function that typer reads its options from."""
