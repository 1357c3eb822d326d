"""TeX as the converter to MathML reads it: what MathJax knows and it does not, said otherwise.

A browser without a script cannot show everything that JupyterLab shows. What is not known to come
out right is refused here, and shown as code by whoever asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from html import unescape

_ROWS = "align*"
_ENVIRONMENTS = {
    **dict.fromkeys("align align* aligned split flalign flalign* alignat alignat*".split(), _ROWS),
    "alignedat": _ROWS,
    **dict.fromkeys("gather gather* gathered multline multline*".split(), "matrix"),
    **dict.fromkeys("matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix".split(), ""),
    **dict.fromkeys("array cases".split(), ""),
    **dict.fromkeys("dcases cases*".split(), "cases"),
}
"""Those that come out right, and as what; "" is as they are."""
_BARE = frozenset("equation equation* displaymath math subequations".split())
"""Those that change nothing of what is shown."""
_BEGIN_OR_END = re.compile(r"\\(begin|end)\s*\{([A-Za-z]+\*?)\}(\s*\[[tbc]\])?")
_COLUMNS = re.compile(r"\s*\{[lcr\s]*\}")
_NUMBER = re.compile(r"\s*\{\s*\d+\s*\}")
_COMMENT = re.compile(r"(?<!\\)%[^\n]*\n?")
_NOT_SHOWN = re.compile(r"\\label\s*\{[^{}]*\}|\\(?:nonumber|notag|allowbreak|strut)(?![A-Za-z])")
_ROW_END = re.compile(r"\\\\\*?\s*\[\s*-?[\d.]+\s*[a-z]{2}\s*\]|\\\\\*")
_NAMED = re.compile(
    r"\\mathop\s*\{\s*\\(?:mathrm|text|operatorname)\s*\{([^{}\\$]*)\}\s*\}(?:\s*\\limits)?"
    r"|\\operatorname\*\s*\{([^{}$]*)\}(?:\s*\\limits)?"
)
_OPERATOR = re.compile(r"\\operatorname\s*\{([^{}]*)\}")
_BELOW = re.compile(r"\s*_\s*(\{[^{}]*\}|\\[A-Za-z]+|[^\s\\{}])")
_ARG = re.compile(r"\\arg(?![A-Za-z])")
_NEGATED = re.compile(r"\\not\s*(=|\\in(?![A-Za-z]))")
_TEXT = re.compile(r"\\(?:text|mbox|textrm)\s*\{([^{}]*)\}")
_UNSURE = re.compile(
    r"\\(?:(?:eq)?ref|[bx]?cancel|sout|hline|hdashline|mathop|require|def|let|(?:re)?newcommand|newenvironment|"
    r"DeclareMathOperator|href|class|style|unicode|verb|sideset|rule|raise|lower)(?![A-Za-z])"
)
_DIMENSIONS = re.compile(
    r"\\(?:hspace|vspace|hskip|kern|mkern|mskip|mspace|color|textcolor|colorbox)\*?\s*"
    r"(?:\{[^{}]*\}|-?[\d.]+\s*[a-z]{2})"
)
_ARRAY = re.compile(r"(\\begin\{array\})\s*\{[^{}]*\}")
_COMMAND = re.compile(r"\\(?:begin|end)\{[^{}]*\}|\\[A-Za-z]+|\\.")


class Unreadable(ValueError):
    """A formula that would not come out as JupyterLab shows it."""


def readable(tex: str) -> str:
    """Return the formula in words that the converter to MathML knows; raise Unreadable."""
    tex = _COMMENT.sub("", tex)
    tex = _ROW_END.sub(r"\\\\ ", _NOT_SHOWN.sub("", tex))
    tex = _environments(tex)
    tex = _NEGATED.sub(lambda m: r"\neq " if m[1] == "=" else r"\notin ", tex)
    tex = _with_named_operators(tex)
    tex = _OPERATOR.sub(lambda m: rf"\mathrm{{{m[1]}}}" if "\\" in m[1] else m[0], tex)
    tex = _ARG.sub(r"\\operatorname{arg}", tex)
    tex = _TEXT.sub(_formulas_in_text, tex)
    if found := _UNSURE.search(tex):
        raise Unreadable(f"{found[0]} may not come out right")
    return tex.strip()


def check_shown(tex: str, shown: str, outside_texts: str) -> None:
    """Raise Unreadable where what is shown holds TeX, or lacks a letter of the formula's.

    ``outside_texts`` is the part of it that is no text.
    """
    if "\\" in shown and r"\backslash" not in tex:
        raise Unreadable("a command is left")
    if "&" in outside_texts and r"\&" not in tex:
        raise Unreadable("a mark of a column is left")
    if "$" in shown and r"\$" not in tex:
        raise Unreadable("a formula in a text is left")
    said = _COMMAND.sub(" ", _ARRAY.sub(r"\1", _DIMENSIONS.sub(" ", unescape(tex))))
    if _letters(said) - _letters(shown):
        raise Unreadable("something is lost")


def _environments(tex: str) -> str:
    """Name environments as the converter knows them; raise Unreadable for others."""
    made: list[str] = []
    place = 0
    for match in _BEGIN_OR_END.finditer(tex):
        if match.start() < place:
            continue
        what, name = match[1], match[2]
        made.append(tex[place : match.start()])
        place = match.end()
        argument = _COLUMNS.match(tex, place)
        if name in _BARE:
            made.append(" ")
        elif name.rstrip("*") == "eqnarray":
            made.append(r"\begin{array}{rcl}" if what == "begin" else r"\end{array}")
        elif name in ("rcases", "drcases"):
            made.append(r"\left.\begin{array}{ll}" if what == "begin" else r"\end{array}\right\}")
        elif name in _ENVIRONMENTS:
            made.append(rf"\{what}{{{_ENVIRONMENTS[name] or name}}}")
            if what == "begin" and name.startswith("align") and "at" in name:
                number = _NUMBER.match(tex, place)
                place = number.end() if number else place
            if what == "begin" and name == "array" and argument is None:
                raise Unreadable("its columns have lines, or are of another kind")
        else:
            raise Unreadable(f"the environment {name}")
    made.append(tex[place:])
    return "".join(made)


def _with_named_operators(tex: str) -> str:
    """Put what stands below an operator with a name there: the converter would put it beside."""
    made: list[str] = []
    place = 0
    for match in _NAMED.finditer(tex):
        if match.start() < place:
            continue
        name = (match[1] if match[1] is not None else match[2]).strip()
        operator = rf"\operatorname{{{name}}}"
        made.append(tex[place : match.start()])
        place = match.end()
        below = _BELOW.match(tex, place)
        if below is not None:
            under = below[1] if below[1].startswith("{") else f"{{{below[1]}}}"
            operator = rf"\underset{under}{{{operator}}}"
            place = below.end()
        made.append(operator)
    made.append(tex[place:])
    return "".join(made)


def _formulas_in_text(match: re.Match[str]) -> str:
    """A text with formulas in it, as texts and formulas side by side."""
    pieces = match[1].replace(r"\$", "\0").split("$")
    if len(pieces) == 1:
        return match[0]
    if len(pieces) % 2 == 0:
        raise Unreadable("a formula in a text has no end")
    return "".join(
        (rf"\text{{{piece}}}" if number % 2 == 0 else f"{{{piece}}}") if piece else ""
        for number, piece in enumerate(pieces)
    ).replace("\0", r"\$")


def _letters(text: str) -> Counter[str]:
    plain = unicodedata.normalize("NFKC", text)
    return Counter(letter for letter in plain if letter.isalnum())
