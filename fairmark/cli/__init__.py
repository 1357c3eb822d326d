"""The command line, ``fairmark``: one module per command, imported when it is called."""
