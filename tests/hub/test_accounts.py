"""Accounts of the machine: what is refused before any is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairmark.errors import FairmarkError
from fairmark.hub.accounts import refuse_taken_names, refuse_what_others_can_read
from fairmark.hub.settings import HubSettings


def test_a_name_that_the_machine_has(tmp_path: Path) -> None:
    free = HubSettings(tmp_path, "no-such-course", instructor="no-such-person")
    refuse_taken_names(free)
    with pytest.raises(FairmarkError, match=r"account daemon .* which no hub has made"):
        refuse_taken_names(free.changed(instructor="daemon"))
    with pytest.raises(FairmarkError, match="there is a group adm on this machine already"):
        refuse_taken_names(free.changed(students=("adm",)))


def test_a_course_that_others_can_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    refuse_what_others_can_read(tmp_path)
    with pytest.raises(FairmarkError, match=r"chmod o-rwx /usr`$"):
        refuse_what_others_can_read(Path("/usr"))
