"""Errors that a user of fairmark can do something about."""


class FairmarkError(Exception):
    """Something the user can mend. Its text is one clear line, for the command line to print."""

    @property
    def lines(self) -> tuple[str, ...]:
        """What to print, each a line of its own."""
        return (str(self),)


class SeveralErrors(FairmarkError):
    """Several things at once that the user can mend, each in one clear line."""

    def __init__(self, *lines: str) -> None:
        super().__init__("; ".join(lines))
        self._lines = lines

    @property
    def lines(self) -> tuple[str, ...]:
        """What to print, each a line of its own."""
        return self._lines
