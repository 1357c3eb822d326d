"""How a test can fail: a wrong answer, or what the student's code did in place of answering."""

from __future__ import annotations

NOTHING = object()
"""No value: of a failure that is not about one."""


class Mismatch(AssertionError):
    """An answer is not what was expected; the message helps the student to correct it."""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        expected: str | None = None,
        actual: str | None = None,
        value: object = NOTHING,
    ) -> None:
        self.message, self.hint, self.expected, self.actual = message, hint, expected, actual
        self.value = value
        """What is not as expected: by it the call is known that returned it."""
        super().__init__(message if not hint else f"{message}\n{hint}")


class NotDefined(Mismatch):
    """The student's code does not define a name that the test asks for."""

    def __init__(self, name: str) -> None:
        self.name = name
        hint = f"Write {name} in its solution cell and run that cell."
        super().__init__(f"{name} is not defined.", hint=hint)


class StudentError(Exception):
    """The student's code raised an exception."""

    def __init__(self, types: list[str], message: str, traceback: str) -> None:
        self.types, self.message, self.traceback = types, message, traceback
        super().__init__(f"{self.type_name}: {message}" if message else self.type_name)

    @property
    def type_name(self) -> str:
        """The name of the exception's class."""
        return self.types[0] if self.types else "Exception"


class TimeLimitExceeded(Exception):
    """The student's code did not answer within the time limit."""

    def __init__(self, message: str, traceback: str = "") -> None:
        self.traceback = traceback
        """Where it was stopped, if that is known."""
        super().__init__(message)


class ProcessDied(Exception):
    """The student's process ended instead of answering."""
