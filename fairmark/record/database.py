"""Opens nbgrader's gradebook, and says in one line what is wrong with it."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from alembic.script import ScriptDirectory
from nbgrader.api import Base, Gradebook, InvalidEntry
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import URL, Connection, Engine, create_engine, inspect, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NoSuchModuleError,
)

from fairmark.course.course import Course
from fairmark.errors import FairmarkError
from fairmark.record.locks import is_locked_by_another

_BUSY_SECONDS = 60
_QUIET_SECONDS = 2.0
_ATTEMPTS = 5
_COLLISIONS = ("40001", "40P01")
"""A server's words for transactions that cannot both be done: no order of them, a deadlock."""
_TABLES, _STRUCTURE = 7_246_001, 7_246_002
"""Numbers of PostgreSQL's locks, which whoever makes tables, or writes of cells, holds."""
_DRIVERS = ("psycopg", "psycopg2")
"""Those that hand PostgreSQL's options on to its own library."""
_LOG = logging.getLogger("fairmark.gradebook")
_NBGRADERS_LOG = logging.getLogger("tornado.application")


T = TypeVar("T")


class Collision(FairmarkError):
    """Another program has written the same rows at the same time: nothing was written here."""


def gradebook_url(course: Course) -> URL:
    """Return where the gradebook is; other writers are waited for a minute unless it tells."""
    try:
        url = make_url(course.directory.db_url)
    except ArgumentError:
        raise FairmarkError("c.CourseDirectory.db_url is no database URL") from None
    if url.get_backend_name() == "sqlite" and "timeout" not in url.query:
        url = url.update_query_dict({"timeout": str(_BUSY_SECONDS)})
    if is_postgresql(url) and "options" not in url.query and _driver_of(url) in _DRIVERS:
        url = url.update_query_dict({"options": f"-c lock_timeout={_BUSY_SECONDS}s"})
    return url


def is_postgresql(url: URL) -> bool:
    """Whether the gradebook is a server's, whose clients may be on several machines."""
    return url.get_backend_name() == "postgresql"


def place_of(url: URL) -> str:
    """Return what to call the place in a message: SQLite's file, else the URL without password."""
    if url.get_backend_name() == "sqlite" and url.database:
        return url.database
    return url.difference_update_query(["options"]).render_as_string(hide_password=True)


def open_gradebook(course: Course) -> Gradebook:
    """Return the open gradebook, made first where there is none. Raise FairmarkError."""
    url = gradebook_url(course)

    def opened() -> Gradebook:
        with explained(url):
            ensure_tables(url)
            return Gradebook(url, course.directory.course_id)

    return again(opened)


def again(work: Callable[[], T]) -> T:
    """Return what ``work`` returns, which is done anew where another program has collided with it.

    What has made the collision is written then, so the next attempt finds it.
    """
    for _ in range(_ATTEMPTS - 1):
        with contextlib.suppress(Collision):
            return work()
    return work()


def ensure_tables(url: URL) -> None:
    """Make the tables of an empty database; refuse one of another schema.

    nbgrader would start the program ``alembic`` for it, which is not found where the virtual
    environment is not activated.
    """
    engine = _engine(url)
    try:
        with engine.begin() as connection:
            tables = inspect(connection).get_table_names()
            if tables:
                _check_schema(connection, url, "alembic_version" in tables)
            else:
                _create(connection)
    finally:
        engine.dispose()


def _engine(url: URL) -> Engine:
    try:
        return create_engine(url)
    except NoSuchModuleError:
        raise FairmarkError(f"{place_of(url)} is no kind of database that is known here") from None
    except ModuleNotFoundError as error:
        hint = (
            "install fairmark with its extra 'postgresql'" if is_postgresql(url) else "install it"
        )
        raise FairmarkError(
            f"the gradebook {place_of(url)} needs the Python package {error.name}: {hint}"
        ) from None


def _driver_of(url: URL) -> str:
    try:
        return url.get_driver_name()
    except NoSuchModuleError:  # it is refused when it is opened
        return ""


@contextlib.contextmanager
def alone(course: Course) -> Iterator[None]:
    """Keep other programs from bringing the structure of the gradebook up to date meanwhile.

    nbgrader writes it cell by cell, and may remove a notebook to write it anew. Programs on other
    machines wait, too, where they share a server; SQLite's file is one machine's.
    """
    url = gradebook_url(course)
    if not is_postgresql(url):
        place = course.root / ".fairmark" / "gradebook.lock"
        place.parent.mkdir(exist_ok=True)
        with place.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    engine = _engine(url)
    try:
        with engine.begin() as connection:
            _lock(connection, _STRUCTURE)
            yield
    finally:
        engine.dispose()


def _lock(connection: Connection, number: int) -> None:
    """Wait for one of PostgreSQL's locks, and hold it until the transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


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
        kind = Collision if _is_collision(error) else FairmarkError
        raise kind(_explain(url, str(error.orig or error))) from None
    except InvalidEntry as error:
        kind = Collision if _is_collision(error.__context__) else FairmarkError
        raise kind(_explain(url, str(error))) from None
    finally:
        _NBGRADERS_LOG.removeFilter(is_news)
        is_over.set()
        if patience.ident is not None:
            patience.join()  # processes are forked only where there is no other thread


def _is_collision(error: BaseException | None) -> bool:
    """Whether it would not have happened but for another program's rows."""
    if isinstance(error, IntegrityError):
        return True
    return getattr(getattr(error, "orig", None), "sqlstate", None) in _COLLISIONS


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
    if connection.dialect.name == "postgresql":
        _lock(connection, _TABLES)
        if inspect(connection).get_table_names():
            return
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
        case text if "locked" in text or "lock timeout" in text:
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
