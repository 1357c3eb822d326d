"""What an exercise's text says: shapes of arguments, errors that are raised, what is left open."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fairmark.course.course import Assignment
from fairmark.course.marks import grade_id
from fairmark.syntax.cells import parsed

_COMPARES = re.compile(
    r"[<>≤≥]|\\(ge|le|geq|leq|gt|lt)\b|\bties?\b|\bexactly\b|\bat (least|most|0|zero)\b|"
    r"\b(first|lowest|smallest) of\b|\bvanish"
)
_LARGE = re.compile(r"overflow|\b(large|huge|big|finite|stable|stably|stability|1e\d|10\^)", re.I)
_SILENT = re.compile(r"\bsilent|warning", re.I)
_UNCHANGED = re.compile(
    r"\b(not|never|no (function|argument)s?|none)\b[^.]{0,40}\b(chang|modif|mutat|alter)|in place",
    re.I,
)
_SIGN = re.compile(
    r"\b(either|any|both|up to|free|opposite|whichever) (the )?signs?\b|sign .{0,30}"
    r"(does not matter|is free|may|arbitrary|undefined|not determined)",
    re.I,
)
_JUDGED = re.compile(
    r"\b(judged|graded|marked|scored|evaluated) (on|by)\b[^.]{0,60}"
    r"\b(unseen|not (been )?seen|(test|held.out) (data|set)|accuracy)\b",
    re.I,
)
_RAISES = re.compile(r"\b(?i:raises?|raising)\b[^.]{0,40}?\b([A-Z]\w*(?:Error|Exception))\b")
_ROWS = re.compile(
    r"\bbatch|\b(each|every) row\b|\bany shape\b|\blast axis\b|"
    r"\belement.?wise\b|\belement by element\b|\bshape of \w\b",
    re.I,
)
_SLOPES = re.compile(r"\bdifferentia(ble|te)|\bgradients? (by|of|reach|flow)", re.I)
_ABOUT_SLOPES = re.compile(r"gradient|\bslope|\bderivative|\bbackward\b|∂|∇", re.I)
_KEEPS_DTYPE = re.compile(
    r"\b(same|own) dtype\b|\bdtype (of|as) (the )?[`\w]+|\bkeep\w* (the|its|their) dtype\b", re.I
)
_OF_RESULT = re.compile(
    r"\breturn|\bgive|\bresult|\banswer|\boutput|\bcomes?\b|\bconvert|\bcast|->|→", re.I
)
_SENTENCE = re.compile(r"[.!?]\s|\n\s*\n")
_WHOLE_LABELS = re.compile(r"\blabels (are|is) (integers|whole numbers)", re.I)
_ENTRYWISE = re.compile(r"entry by entry|each entry|element by element|element.?wise", re.I)
_ANY_SHAPE = re.compile(r"\b(any|every|whatever) shape\b|\belement.?wise\b", re.I)
_INTEGERS = re.compile(r"\bintegers?\b[^.]{0,30}\b(may|can|could|might)\b", re.I)
_RANGE = re.compile(
    r"\b(?:integers?|numbers?)\b[^.;]{0,30}?\b(?:from|between)\s+(-?\d+)\s+(?:to|and)\s+(-?\d+)\b(?!\.\d)",
    re.I,
)
_ARROW = re.compile(r"->|=>|<[a-zA-Z/][^<>\n]*>|^>>>.*$|\|---.*", re.MULTILINE)
_DIM = re.compile(r"[A-Za-z_]\w*'*")


@dataclass(frozen=True)
class Text:
    """The words about one exercise: those above its answer, and those in its docstrings."""

    near: str
    everywhere: str
    """All the words of the notebook."""
    docs: tuple[str, ...] = ()
    """The docstrings of the other answers, the one before this answer first."""
    annotations: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """By function and parameter: the type that the signature tells."""

    @property
    def compares(self) -> bool:
        """Whether it says what happens at a bound, or which of equal values counts."""
        return bool(_COMPARES.search(_ARROW.sub(" ", self.near)))

    @property
    def is_about_large_values(self) -> bool:
        """Whether it asks for right results at large values."""
        return bool(_LARGE.search(self.near))

    @property
    def wants_silence(self) -> bool:
        """Whether it asks for results without warnings."""
        return bool(_SILENT.search(self.near))

    @property
    def keeps_inputs(self) -> bool:
        """Whether arguments are not to be changed."""
        return bool(_UNCHANGED.search(self.near) or _UNCHANGED.search(self.everywhere))

    @property
    def leaves_sign(self) -> bool:
        """Whether the sign of a result is left open."""
        return bool(_SIGN.search(self.near))

    @property
    def is_judged_by_use(self) -> bool:
        """Whether what is asked for is judged by what it does on data that it has not seen."""
        return bool(_JUDGED.search(self.near))

    @property
    def speaks_of_rows(self) -> bool:
        """Whether arrays may hold several samples, or have any shape."""
        return bool(_ROWS.search(self.near))

    @property
    def wants_slopes(self) -> bool:
        """Whether results are to be differentiated."""
        return bool(_SLOPES.search(self.near))

    @property
    def is_about_slopes(self) -> bool:
        """Whether what is asked for are slopes of something."""
        return bool(_ABOUT_SLOPES.search(self.near))

    def wants_dtype(self, name: str) -> bool:
        """Whether it says of a result that it is of this dtype: one that values do not tell."""
        said = re.compile(rf"\b{re.escape(name)}\b")
        sentences = _SENTENCE.split(self.near) if name else []
        return any(said.search(one) and _OF_RESULT.search(one) for one in sentences)

    @property
    def keeps_dtype(self) -> bool:
        """Whether it says that a result has the dtype of an argument."""
        return bool(_KEEPS_DTYPE.search(self.near))

    @property
    def allows_any_shape(self) -> bool:
        """Whether arrays may have any shape."""
        return bool(_ANY_SHAPE.search(self.near))

    @property
    def allows_integers(self) -> bool:
        """Whether arrays of integers may come where floats are usual."""
        return bool(_INTEGERS.search(self.near) or _INTEGERS.search(self.everywhere))

    @property
    def range_of_numbers(self) -> tuple[int, int] | None:
        """The ends of the only range that it tells of whole numbers: "an integer from 1 to 99"."""
        found = {(int(low), int(high)) for low, high in _RANGE.findall(self.near.replace("`", ""))}
        return found.pop() if len(found) == 1 else None

    @property
    def errors(self) -> tuple[str, ...]:
        """The exceptions that it says are raised."""
        return tuple(dict.fromkeys(_RAISES.findall(self.near.replace("`", ""))))

    def shape_of(self, parameter: str) -> tuple[str, ...] | None:
        """The shape that the text gives a parameter, as expressions; None where it gives none."""
        shapes = self.shapes_of(parameter)
        return shapes[0] if shapes else None

    def shapes_of(self, parameter: str) -> list[tuple[str, ...]]:
        """All the shapes that the text gives a parameter."""
        return _shapes_in(self.near, parameter)

    def is_function(self, parameter: str) -> bool:
        """Whether it says that a parameter is a function."""
        name = re.escape(parameter)
        return bool(re.search(rf"`{name}` is (a|any|the) (\w+ )?function\b", self.near))

    @property
    def is_entrywise(self) -> bool:
        """Whether functions work on each entry for itself."""
        return bool(_ENTRYWISE.search(self.near))

    def holds_labels(self, parameter: str) -> bool:
        """Whether it says that a parameter holds labels, which are whole numbers."""
        name = re.escape(parameter)
        said = rf"`{name}`[^.:;]*\blabels?\b|\blabels?\W+{name}\b"
        return bool(_WHOLE_LABELS.search(self.near) and re.search(said, self.near))

    def shapes_elsewhere(self, parameter: str) -> list[tuple[str, ...]]:
        """The shapes that a parameter of this name has in other answers, the nearest first."""
        found = (shape for doc in self.docs for shape in _shapes_in(doc, parameter))
        return list(dict.fromkeys(found))


def text_of(assignment: Assignment, question: str, source: str) -> Text:
    """Return the words about an exercise whose answer is ``source``."""
    near: list[str] = []
    everywhere: list[str] = []
    found: list[str] = []
    docs: list[str] = []
    before: list[str] = []
    for cell in assignment.solved.cells:
        if cell.cell_type == "markdown" and not grade_id(cell):
            everywhere.append(cell.source)
            near.append(cell.source)
        elif grade_id(cell) == question:
            found, before = near[-2:], list(docs)
        elif grade_id(cell):
            near = []
            docs.append("\n".join(docstrings(cell.source).values()))
    own = docstrings(source).values()
    others = (*reversed(before), *docs[len(before) :])
    said = "\n".join([*own, *found])
    return Text(said, "\n".join(everywhere), others, annotations_of(source))


def annotations_of(source: str) -> dict[tuple[str, str], str]:
    """Return the types that a cell's signatures tell, by function and parameter."""
    tree = parsed(source)
    return {
        (node.name, argument.arg): ast.unparse(argument.annotation)
        for node in (tree.body if tree is not None else [])
        if isinstance(node, ast.FunctionDef)
        for argument in (*node.args.args, *node.args.kwonlyargs)
        if argument.annotation is not None
    }


def docstrings(source: str) -> dict[str, str]:
    """Return the docstrings of the functions and classes of a cell, by name."""
    tree = parsed(source)
    return {
        node.name: ast.get_docstring(node) or ""
        for node in (tree.body if tree is not None else [])
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


def about_of(source: str) -> str:
    """Return what an answer is about: the first paragraph of its first docstring."""
    said = next(iter(docstrings(source).values()), "").strip()
    return " ".join(said.partition("\n\n")[0].split())


def symbols_in(shapes: Iterable[Sequence[str]]) -> list[str]:
    """Return the names in shapes, each once."""
    found = [name for shape in shapes for dim in shape for name in _DIM.findall(dim)]
    return list(dict.fromkeys(found))


def _shapes_in(text: str, parameter: str) -> list[tuple[str, ...]]:
    name = re.escape(parameter)
    between = r"[`*:]*(?:\s+(?:is|of|an?|has|have|the|shape|array|matrix|vector|holds|tensor|"
    between += r"image|float|floats|batch|with|one|single|many|points?|maps?)\b|\s*[`:=,]|\s)*"
    pattern = re.compile(rf"(?<![\w.]){name}(?!\(){between}\(([^()]*)\)")  # f(x) is a call
    alike = re.compile(rf"`{name}`[^.:;]*?\b(?:both|each|all)\b[ `]*\(([^()]*)\)")
    found = []
    for dims in [*pattern.findall(text), *alike.findall(text)]:
        shape = _dims(dims)
        if shape is not None and shape not in found:
            found.append(shape)
    return found


def _dims(text: str) -> tuple[str, ...] | None:
    parts = [part.strip().strip("`$") for part in text.split(",")]
    if parts and not parts[-1]:
        parts.pop()
    shape = []
    for part in parts:
        part = part.replace("×", "*").replace("·", "*").replace("'", "_").replace("’", "_")
        try:
            tree = ast.parse(part, mode="eval").body
        except SyntaxError:
            return None
        allowed = ast.Name | ast.Constant | ast.BinOp | ast.operator | ast.Load
        nodes = list(ast.walk(tree))
        if not all(isinstance(node, allowed) for node in nodes):
            return None
        if any(isinstance(n, ast.Constant) and type(n.value) is not int for n in nodes):
            return None
        if isinstance(tree, ast.Constant) and tree.value == 0:
            return None
        shape.append(ast.unparse(tree))
    return tuple(shape) if shape else None
