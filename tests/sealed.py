"""The seals that student code may be graded in, for tests that hold for each of them."""

from __future__ import annotations

import os

import pytest

from fairmark.sandbox.account_needs import what_is_lacking

SEALS = ("bubblewrap", "account")


def skip_where_impossible(mode: str) -> None:
    """Skip a test of a seal that this user, or this machine, cannot have."""
    if mode != "account":
        return
    if os.getuid() != 0:
        pytest.skip("only root can run student code as another user")
    for lacking in what_is_lacking():
        pytest.skip(lacking)
