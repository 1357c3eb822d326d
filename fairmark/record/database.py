"""Opens nbgrader's gradebook, and says in one line what is wrong with it."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

from alembic.script import ScriptDirectory
from nbgrader.api import Base, Gradebook, InvalidEntry
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import URL, Connection, create_engine, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError

from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.record.locks import is_locked_by_another

_BUSY_SECONDS = 60
_QUIET_SECONDS = 2.0
_LOG = logging.getLogger("fairmark.gradebook")
_NBGRADERS_LOG = logging.getLogger("tornado.application")


def gradebook_url(course: Course) -> URL:
    """Return where the gradebook is; SQLite waits for other writers unless told how long."""
    try:
        url = make_url(course.directory.db_url)
    except ArgumentError:
        raise FairmarkError("c.CourseDirectory.db_url is no database URL") from None
    if url.get_backend_name() == "sqlite" and "timeout" not in url.query:
        url = url.update_query_dict({"timeout": str(_BUSY_SECONDS)})
    return url


def place_of(url: URL) -> str:
    """Return what to call the place in a message: SQLite's file, else the URL without password."""
    if url.get_backend_name() == "sqlite" and url.database:
        return url.database
    return url.render_as_string(hide_password=True)


def open_gradebook(course: Course) -> Gradebook:
    """Return the open gradebook, made first where there is none. Raise FairmarkError."""
    url = gradebook_url(course)
    with explained(url):
        ensure_tables(url)
        return Gradebook(url, course.directory.course_id)


def ensure_tables(url: URL) -> None:
    """Make the tables of an empty database; refuse one of another schema.

    nbgrader would start the program ``alembic`` for it, which is not found where the virtual
    environment is not activated.
    """
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            tables = inspect(connection).get_table_names()
            if tables:
                _check_schema(connection, url, "alembic_version" in tables)
            else:
                _create(connection)
    finally:
        engine.dispose()


@contextlib.contextmanager
def explained(url: URL) -> Iterator[None]:
    """Turn the database's errors into one line that says what to do, and tell of a long wait.

    nbgrader logs a traceback of each error that it raises as InvalidEntry; the log does not get it.
    """

    def is_news(record: logging.LogRecord) -> bool:
        return not (record.exc_info and record.getMessage().startswith("Rolling back session"))

    is_over = threading.Event()
    patience = threading.Thread(target=_tell_of_a_wait, args=(url, is_over), daemon=True)
    with contextlib.suppress(RuntimeError):  # no thread is to be had: then it waits in silence
        patience.start()
    _NBGRADERS_LOG.addFilter(is_news)
    try:
        yield
    except (DBAPIError, InterfaceError, DatabaseError) as error:
        raise FairmarkError(_explain(url, str(error.orig or error))) from None
    except InvalidEntry as error:
        raise FairmarkError(_explain(url, str(error))) from None
    finally:
        _NBGRADERS_LOG.removeFilter(is_news)
        is_over.set()
        if patience.ident is not None:
            patience.join()  # processes are forked only where there is no other thread


def _tell_of_a_wait(url: URL, is_over: threading.Event) -> None:
    """Tell once that another program holds the gradebook, and not where this one is just slow."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return  # a server's locks cannot be seen from here
    while not is_over.wait(_QUIET_SECONDS):
        if is_locked_by_another(Path(url.database)):
            _LOG.warning(
                "waiting for the gradebook %s: another program may be writing to it", place_of(url)
            )
            return


def _create(connection: Connection) -> None:
    """Make all tables at once: a gradebook of half its tables could not be told from an old one."""
    if connection.dialect.name == "sqlite":  # its driver would commit each table by itself
        connection.execute(text("BEGIN IMMEDIATE"))
        if inspect(connection).get_table_names():
            return  # another process has made them meanwhile
    Base.metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    connection.execute(
        text("INSERT INTO alembic_version (version_num) VALUES (:head)"),
        {"head": ScriptDirectory(ALEMBIC_DIR).get_current_head()},
    )


def _check_schema(connection: Connection, url: URL, has_version: bool) -> None:
    query = text("SELECT version_num FROM alembic_version")
    version = connection.execute(query).scalar() if has_version else None
    scripts = ScriptDirectory(ALEMBIC_DIR)
    if version == scripts.get_current_head():
        return
    if version is None or version in {script.revision for script in scripts.walk_revisions()}:
        raise FairmarkError(
            f"the gradebook {place_of(url)} was made by an older nbgrader: "
            "back it up, then run `nbgrader db upgrade`"
        )
    raise FairmarkError(
        f"the gradebook {place_of(url)} was made by a newer nbgrader (schema {version}): "
        "update nbgrader"
    )


def _explain(url: URL, message: str) -> str:
    name, message = f"the gradebook {place_of(url)}", (message.splitlines() or [""])[0]
    match message.lower():
        case text if "locked" in text:
            return f"{name} is locked: end the program that writes to it, then run this again"
        case text if "unable to open" in text:
            return f"{name} cannot be opened: does its folder exist, and may you write to it?"
        case _ if _is_gone(url):
            return f"{name} was moved or deleted: put it back, then run this again"
        case text if "readonly" in text or "read-only" in text:
            return f"{name} cannot be written: make it and its folder writable for you"
        case text if "not a database" in text or "malformed" in text:
            return f"{name} is damaged, or no gradebook: restore a backup"
        case text if "no such column" in text or "no such table" in text:
            return f"{name} lacks a table ({message}): back it up, then run `nbgrader db upgrade`"
        case text if "full" in text:
            return f"{name} cannot be written: the disk is full"
    return f"{name}: {message}"


def _is_gone(url: URL) -> bool:
    """Whether SQLite has lost a file that it had open, or the folder for one."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database.startswith("file:"):
        return False
    return not Path(url.database).exists()
