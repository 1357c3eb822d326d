"""SQLite that says so when it waits for another program: its own way is a minute in silence."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

DRIVER = "sqlite+fairmark"
"""What a database URL begins with to have it."""
_QUIET_SECONDS = 2.0
_LOG = logging.getLogger("fairmark.gradebook")


class WaitingDialect(SQLiteDialect_pysqlite):
    """SQLAlchemy's, with connections that tell of a long wait.

    The URL's ``timeout`` is how long they wait altogether, as ever.
    """

    driver = "fairmark"
    supports_statement_cache = True

    def connect(self, *cargs: Any, timeout: float = 5.0, **cparams: Any) -> Any:
        """Return a new connection."""
        quiet = min(timeout, _QUIET_SECONDS)
        (file,) = cargs
        made = sqlite3.connect(file, timeout=quiet, factory=_Connection, **cparams)
        made.file, made.quiet, made.patience = file, quiet, timeout
        return made


class _Connection(sqlite3.Connection):
    file = ""
    quiet = patience = 0.0

    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(factory or _Cursor)

    def commit(self) -> None:
        self.patiently(super().commit)

    def patiently(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """Call until the database is free; SQLite itself waits ``quiet`` seconds in each call."""
        started = time.monotonic()
        told = False
        while True:
            called = time.monotonic()
            try:
                return call(*arguments)
            except sqlite3.OperationalError as error:
                now = time.monotonic()
                # Where waiting cannot help, SQLite does not wait.
                if not _is_locked(error) or now - called < self.quiet / 2:
                    raise
                if now - started >= self.patience:
                    raise
            if not told:
                _LOG.warning(
                    "the gradebook %s is locked by another program; waiting up to %g s",
                    self.file,
                    self.patience,
                )
                told = True


class _Cursor(sqlite3.Cursor):
    connection: _Connection

    def execute(self, *arguments: Any) -> Any:
        return self.connection.patiently(super().execute, *arguments)

    def executemany(self, *arguments: Any) -> Any:
        return self.connection.patiently(super().executemany, *arguments)


def _is_locked(error: sqlite3.OperationalError) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


registry.register(DRIVER.replace("+", "."), __name__, WaitingDialect.__name__)
