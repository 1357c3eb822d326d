"""Which number of an account belongs to a name."""

from __future__ import annotations

import hashlib
import pwd

_FIRST, _COUNT = 200_000, 1_900_000_000


def account_id(name: str) -> int | None:
    """The number of this machine's account of that name, if there is one."""
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def hashed_id(name: str) -> int:
    """A number for that name which is the same everywhere, and nobody else's.

    In containers there are no accounts, but files still have an owner. A hash needs no list that
    the hub and the grader would have to share. In a class of 500, two names get the same number
    once in 15,000 classes.
    """
    digest = hashlib.sha256(name.encode()).digest()
    return _FIRST + int.from_bytes(digest[:8], "big") % _COUNT
