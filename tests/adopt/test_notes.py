"""What an instructor writes into ``adopted.toml`` outlives the next adoption."""

from __future__ import annotations

import tomllib
from pathlib import Path

from fairmark.adopt.layout import write_files
from fairmark.course.adopted import ADOPTED, left_text, read_adopted

OWN = '''# head
# mine: see the mail of May
[left]
"a" = "in my words"  # ask Bob
# about b
"b" = """line 3:
it reads the code"""  # not before June
[made_of]
"d" = "0000"
"gone" = "1234"
[mine]
x = 1
'''


def test_notes_of_the_instructor_stay(tmp_path: Path) -> None:
    left = {"a": "line 4: it reads the code", "e": 'it says "é"'}
    new = f'{left_text(left)}\n[made_of]\n"b" = "1111"\n"d" = "2222"\n'
    path = tmp_path / ADOPTED
    path.write_text(OWN, "utf-8")
    write_files({path: new}, force=False)
    text = path.read_text("utf-8")
    for note in ("# mine: see the mail of May", "# ask Bob", "# about b", "# not before June"):
        assert note in text
    assert "[mine]\nx = 1\n" in text
    assert r'# taken over since: "b" = "line 3:\nit reads the code"' in text
    adopted = read_adopted(tmp_path)
    assert adopted is not None
    assert adopted.left == {"a": "in my words", "e": 'it says "é"'}
    assert adopted.made_of == {"b": "1111", "d": "2222"}
    write_files({path: new}, force=True)
    assert path.read_text("utf-8") == text


def test_a_file_without_tables_gets_them(tmp_path: Path) -> None:
    path = tmp_path / ADOPTED
    path.write_text("# only a note\n", "utf-8")
    new = left_text({"a": "why"}) + '\n[made_of]\n"b" = "1111"\n'
    write_files({path: new}, force=False)
    assert path.read_text("utf-8").startswith("# only a note\n")
    assert tomllib.loads(path.read_text("utf-8")) == tomllib.loads(new)
