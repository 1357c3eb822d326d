"""Tests of deploy/ that are steps of one story: when one fails, the later ones are skipped."""

from tests.hub.conftest import pytest_runtest_makereport, pytest_runtest_setup, shots

__all__ = ["pytest_runtest_makereport", "pytest_runtest_setup", "shots"]
