"""Errors that a user of fairmark can do something about."""


class FairmarkError(Exception):
    """Something the user can mend. Its text is one clear line, for the command line to print."""
