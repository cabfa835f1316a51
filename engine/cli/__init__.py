"""The command line: one module per command, each with `add_arguments` and `run`. `--json` prints one object on stdout."""
