"""Which hint fits a failure: one about a sign is of no help where the shape is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Kind = Literal["type", "shape", "nan", "values"]
"""How an answer is wrong: no numbers at all, in another shape, not a number, or other numbers."""

Hint = str | Mapping[str, str]
"""A hint, or hints by the kind of failure. One text is about the values, unless its words say
otherwise."""

_SPEAKS_OF: dict[Kind, re.Pattern[str]] = {
    "type": re.compile(
        r"\b(arrays?|boolean|dict\w*|float\w*|handles?|integers?|keys?|lists?|None|numbers?|object|"
        r"returns?|string|tensors?|text|tuples?|type)\b",
        re.IGNORECASE,
    ),
    "shape": re.compile(
        r"\b(ax[ei]s|batch\w*|broadcast\w*|columns?|dimensions?|each|every|flat\w*|items?|lengths?|"
        r"how (many|large|long|wide|high)|keepdims?|one (for|per|number|value|entry)|padd\w+|"
        r"reshap\w*|rows?|shapes?|single|sizes?|stride\w*|transpos\w*|windows?)\b",
        re.IGNORECASE,
    ),
    "nan": re.compile(
        r"\b(nan|inf\w*|overflow\w*|divi\w+|log\w*|exp\w*|e\^|zero|0|huge|large|root|stable)\b",
        re.IGNORECASE,
    ),
}
_OTHERWISE: dict[Kind, str] = {
    "type": "",
    "shape": "Print the .shape of what you return, and write down what each axis stands for.",
    "nan": "Which step gives nan: 0/0, inf - inf, the log or the root of a negative number?",
}


def fitting_hint(hint: Hint, kind: Kind) -> str:
    """Return the hint for a failure of this kind: the test's own where it fits, else a common one.

    A test can name its hints by kind: ``hint={"values": "…", "shape": "…"}``.
    """
    if not isinstance(hint, str):
        return hint.get(kind, "") or _OTHERWISE.get(kind, "")
    if kind == "values" or _SPEAKS_OF[kind].search(hint):
        return hint
    return _OTHERWISE[kind]
