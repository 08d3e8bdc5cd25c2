"""What the databases' errors mean to Bookwright."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from bookwright.contracts.errors import BookwrightError, ServiceUnavailable, StorageFull

_FULL = ("SQLITE_FULL", "SQLITE_IOERR")
_AWAY = ("08", "57P0", "53300", "53400")
"""SQLSTATE prefixes: connection lost or refused, server shutting down or starting, too many connections."""
_AGAIN = ("40001", "40P01")


def code(error: BaseException) -> str:
    """The database's own code of an error: an SQLSTATE or the name of an SQLite code; empty when there is none."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig else error
    return str(getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or "")


def retryable(error: BaseException) -> bool:
    """True when the transaction lost against another one and may simply be made again."""
    return code(error).startswith(_AGAIN)


def disconnected(error: BaseException) -> bool:
    """True when the connection was found broken; a new one may work."""
    return isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated


def translated(error: BaseException) -> BookwrightError | None:
    """The error as Bookwright names it, or None for one that is a bug in a statement."""
    name = code(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StorageFull("The disk is full. Free some space; work goes on by itself.")
    if name.startswith(_FULL) or name in ("53100", "58030"):
        return StorageFull("The database's disk is full or failing. Free some space; work goes on by itself.")
    if name.startswith("SQLITE_BUSY"):
        return ServiceUnavailable("The database is held by another process. Stop it, or try again.")
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")):
        return ServiceUnavailable("The database file can't be opened for writing. Check the folder and its rights.")
    if name == "SQLITE_NOTADB":
        return ServiceUnavailable("The database file is not an SQLite database. Check DATABASE_URL.")
    if name.startswith("28") or name == "3D000":
        return ServiceUnavailable("The database refuses user, password or name. Check DATABASE_URL.")
    if name.startswith(_AGAIN):
        return ServiceUnavailable("The database is too busy with conflicting transactions. Try again.")
    gone = isinstance(error, sa.exc.OperationalError) and not name
    if name.startswith(_AWAY) or gone or disconnected(error) or isinstance(error, sa.exc.TimeoutError):
        return ServiceUnavailable("The database can't be reached. Start it, or check DATABASE_URL.")
    return None


@contextmanager
def translating() -> Iterator[None]:
    """Raise the database's errors as Bookwright's."""
    try:
        yield
    except BookwrightError:
        raise
    except Exception as error:
        named = translated(error)
        if named is None:
            raise
        raise named from error
