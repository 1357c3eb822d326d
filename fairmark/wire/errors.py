"""What can go wrong between two processes that exchange messages."""

from __future__ import annotations


class ExchangeError(Exception):
    """An exchange with another process has failed: what that process would say is lost."""
