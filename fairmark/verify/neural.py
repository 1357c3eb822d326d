"""Mistakes that people make in neural networks, as changes of a syntax tree.

Only the names that NumPy and torch use are known. A change is made wherever the name of a function
or a keyword suggests it, whether or not it makes sense there.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Iterator

from fairmark.verify.syntax import (
    Change,
    Scope,
    ends_in_number,
    integer,
    is_own,
    is_quantity,
    method,
    name_of,
    negated,
    number,
    plus,
    swapped,
    without,
)

_RENAMED = {
    "reduction": "sum>mean mean>sum max>mean amax>mean median>mean std>var var>std randperm>arange",
    "extremum": "maximum>minimum minimum>maximum max>min min>max amax>amin amin>amax "
    "argmax>argmin argmin>argmax floor>ceil ceil>floor",
    "function": "log>log2 log>log10 logaddexp>logaddexp2 max_pool2d>avg_pool2d "
    "avg_pool2d>max_pool2d MaxPool2d>AvgPool2d AvgPool2d>MaxPool2d ReLU>Identity",
    "axis": "hstack>vstack vstack>hstack column_stack>vstack",
    "fill": "zeros>ones ones>zeros zeros_like>ones_like ones_like>zeros_like",
    "flip": "convolve>correlate correlate>convolve",
    "gradient": "no_grad>enable_grad inference_mode>enable_grad",
    "copy": "array>asarray",
}
"""Functions that people confuse; ``enable_grad`` stands for a missing ``no_grad``."""
_DROPPED = {
    "function": "abs absolute exp sqrt square tanh sigmoid relu softmax log_softmax round trunc",
    "transpose": "transpose permute swapaxes moveaxis t",
    "flip": "flip flipud fliplr reversed",
    "bounds": "clip clamp",
    "detach": "detach",
    "copy": "copy deepcopy clone",
    "dtype": "astype float double",
    "mode": "eval train",
    "shape": "flatten unsqueeze squeeze pad",
}
"""Functions and methods that are forgotten: their argument stays."""
_OPERATOR_OF = {name: operator for operator, names in _DROPPED.items() for name in names.split()}
_METHODS_ONLY = {"float", "double", "eval", "train", "t"}
_REDUCTIONS = set("sum mean prod max min amax amin argmax argmin std var any all logsumexp".split())
_IN_PLACE = set("maximum minimum exp tanh negative abs sqrt clip multiply add subtract".split())
_STACKING = {"column_stack", "hstack", "vstack", "stack", "concatenate", "cat"}
_WORDS = {"valid": "same", "same": "valid", "full": "valid", "mean": "sum", "sum": "mean"}
"""Strings that say how a function works, such as ``reduction="mean"``."""
_KEEP = {"axis": "keepdims", "dim": "keepdim"}
_KERNELS = {"k": "[::-1]", "kernel": "[::-1]", "weight": "[..., ::-1, ::-1]"}
_SLIDING = set("sum einsum tensordot convolve correlate conv1d conv2d dot vdot".split())
_TENSOR = set("sum mean square pow matmul transpose permute view reshape mT T".split())
"""Attributes that suggest a tensor, where a cell names no library."""
_VECTOR = re.compile(r"[a-z](_?[a-z0-9])?")
_NUMBER = re.compile(r"n|n_.*|f|k|max_.*|stride|padding|size|lr|eta|theta|alpha|beta")
"""Names of vectors and of numbers, as the lecture has them: ``w``, ``x_n``; ``n_in``, ``lr``."""
_AUGMENTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
}


def changes(tree: ast.Module) -> Iterator[Change]:
    """All changes of a cell, in the order of its text; the tree stays as it is."""
    scope = Scope(tree)
    for node in _parts(tree):
        for operator in _OPERATORS:
            yield from operator(node, scope)


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    # Python 3.11 has no positions for the parts of an f-string; exceptions are mostly message.
    if isinstance(node, ast.JoinedStr | ast.Raise):
        return
    for child in ast.iter_child_nodes(node):
        yield from _parts(child)


# --- Arithmetic -------------------------------------------------------------------------------


def _sign(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """A minus is added to an answer or an exponent; ``g += d`` -> ``g -= d``, ``g = d``."""
    match node:
        case ast.Return(ast.Tuple(answers)):
            yield from (
                Change("sign", answer, negated(answer)) for answer in answers if is_quantity(answer)
            )
        case ast.Return(ast.expr() as answer) if is_quantity(answer):
            yield Change("sign", answer, negated(answer))
        case ast.Call() if (
            name_of(node) == "exp" and (subject := scope.subject(node)) and is_quantity(subject)
        ):
            yield Change("sign", subject, negated(subject))
        case ast.AugAssign(target, operation, value) if type(operation) in _AUGMENTED:
            other = ast.AugAssign(target, _AUGMENTED[type(operation)](), value)
            yield Change("accumulate", node, [other])
            yield Change("accumulate", node, [ast.Assign([target], value)])


def _terms(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """A summand (a bias, a shift), a factor or a divisor (1/n) is forgotten."""
    match node:
        case ast.BinOp(ast.Constant(str()), _, _) | ast.BinOp(_, _, ast.Constant(str())):
            return
        case ast.BinOp(left, ast.Add(), right):
            yield Change("term", node, left)
            if isinstance(left, ast.Name | ast.Subscript | ast.Attribute):
                yield Change("term", node, right)
        case ast.BinOp(left, ast.Sub(), _):
            yield Change("term", node, left)
        case ast.BinOp(left, ast.Mult(), right):
            yield Change("factor", node, left)
            yield Change("factor", node, right)
        case ast.BinOp(left, ast.Div() | ast.FloorDiv(), _):
            yield Change("divisor", node, left)


# --- Axes and shapes --------------------------------------------------------------------------


def _transpose(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """``.T`` is dropped or added, factors of ``@`` and axes are swapped."""
    match node:
        case ast.Attribute(value, "T" | "mT"):
            yield Change("transpose", node, value)
        case ast.BinOp(left, ast.MatMult(), right):
            yield Change("transpose", node, ast.BinOp(right, ast.MatMult(), left))
            for factor in (left, right):
                match factor:
                    case ast.Attribute(_, "T" | "mT"):
                        continue
                    case ast.Name(name) if _VECTOR.fullmatch(name):
                        continue
                yield Change("transpose", factor, ast.Attribute(factor, "T", ast.Load()))
        case ast.Call() if name_of(node) in {"transpose", "permute", "moveaxis"}:
            axes = [axis for axis in node.args if integer(axis) is not None]
            if len(axes) > 2 or (name_of(node) == "moveaxis" and len(axes) == 2):
                yield Change("transpose", node, swapped(node, axes[-2], axes[-1]))
        case ast.Call(_, [ast.Constant(str(paths)) as text, *_]) if name_of(node) == "einsum":
            inputs, arrow, output = paths.partition("->")
            letters = output.strip()
            if arrow and len(letters) > 1:
                turned = f"{inputs}->{letters[:-2]}{letters[-1]}{letters[-2]}"
                yield Change("transpose", text, ast.Constant(turned))
        case ast.Call() if name_of(node) in {"reshape", "view", "zeros", "ones"}:
            sizes = next((a.elts for a in node.args if isinstance(a, ast.Tuple)), node.args)
            if len(sizes) > 1 and scope.subject(node) is not sizes[-2]:
                yield Change("shape", node, swapped(node, sizes[-2], sizes[-1]))


def _axis(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """``axis=`` and ``dim=`` are others or forgotten; ``keepdims=`` is added."""
    if not isinstance(node, ast.Call):
        return
    for keyword in node.keywords:
        if keyword.arg not in _KEEP:
            continue
        axis = integer(keyword.value)
        if axis is not None:
            for other in sorted({-1, 0, 1} - {axis}):
                yield Change("axis", keyword.value, number(other))
        if name_of(node) in _REDUCTIONS:
            yield Change("axis", node, without(node, keyword))
            # A kept first axis makes no difference to the arrays that are added to it.
            harmless = axis == 0 and isinstance(next(scope.above(node)), ast.BinOp)
            if not harmless and not any(k.arg in _KEEP.values() for k in node.keywords):
                added = ast.keyword(_KEEP[keyword.arg], ast.Constant(True))
                keywords = [*node.keywords, added]
                yield Change("keepdims", node, ast.Call(node.func, node.args, keywords))


def _bounds(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Ranges and slices are off by one, or lose their step; numbers are left to cosmic-ray."""
    match node:
        case ast.Call(ast.Name("range") as function, [stop]):
            yield from _moved(stop, 1, -1)
            match next(scope.above(node)):
                case ast.For(ast.Name("_")) | ast.comprehension(ast.Name("_")):
                    return  # where it begins makes no difference to what only counts
            yield Change("bounds", node, ast.Call(function, [number(1), stop], []))
        case ast.Call(ast.Name("range") as function, [start, stop, *step]):
            yield from _moved(stop, 1, -1)
            yield from _moved(start, 1)
            if step:
                yield Change("stride", node, ast.Call(function, [start, stop], []))
        case ast.Slice(lower, upper, step_):
            yield from _moved(upper, 1, -1)
            yield from _moved(lower, 1)
            if lower is not None and upper is None:
                yield Change("bounds", node, ast.Slice(None, None, step_))
            if step_ is not None:
                flip = integer(step_) == -1
                yield Change("flip" if flip else "stride", node, ast.Slice(lower, upper, None))
        case ast.Call():
            for keyword in node.keywords:
                named = keyword.arg in {"stride", "padding", "dilation"}
                if named and not isinstance(keyword.value, ast.Constant):
                    yield Change("stride", node, without(node, keyword))


def _moved(bound: ast.expr | None, *steps: int) -> Iterator[Change]:
    if bound is not None and not ends_in_number(bound):
        yield from (Change("bounds", bound, plus(bound, step)) for step in steps)


def _kernel(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """A kernel is flipped where it is applied: in a sum of products, or as a row of a matrix."""
    if not isinstance(node, ast.Name) or node.id not in _KERNELS:
        return
    if node.id == "k" and "k" not in scope.parameters(node):
        return  # it counts something
    above = list(scope.above(node))
    match above[0]:
        case ast.Attribute() | ast.Slice() | ast.Tuple() | ast.Call(ast.Name("len")):
            return  # a shape, or part of an index
    if any(_is_sliding(around) for around in above):
        if scope.has_torch and not scope.has_numpy:
            axes = (-1, -2) if node.id == "weight" else (-1,)
            turned: ast.expr = method(node, "flip", *map(number, axes))
        else:
            turned = ast.parse(f"{node.id}{_KERNELS[node.id]}", mode="eval").body
        yield Change("flip", node, turned)


def _is_sliding(node: ast.AST) -> bool:
    match node:
        case ast.Call():
            return name_of(node) in _SLIDING
        case ast.Assign([ast.Subscript()]) | ast.AugAssign(ast.Subscript()):
            return True
        case ast.BinOp(_, ast.MatMult(), _):
            return True
    return False


# --- Functions --------------------------------------------------------------------------------


def _renamed(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """A function is confused with a similar one, or gets another option."""
    if not isinstance(node, ast.Call):
        return
    for operator, pairs in _RENAMED.items():
        for old, new in (pair.split(">") for pair in pairs.split()):
            match node.func:
                case ast.Attribute(value, name) if name == old and not _is_made_here(node):
                    yield Change(operator, node.func, ast.Attribute(value, new, ast.Load()))
                case ast.Name(name) if name == old and hasattr(builtins, new):
                    yield Change(operator, node.func, ast.Name(new, ast.Load()))
    for value in (*node.args, *(keyword.value for keyword in node.keywords)):
        if isinstance(value, ast.Constant) and value.value in _WORDS:
            yield Change("word", value, ast.Constant(_WORDS[value.value]))
    if name_of(node) == "errstate" and node.keywords:
        yield Change("warnings", node, ast.Call(node.func, [], []))


def _is_made_here(call: ast.Call) -> bool:
    """Whether ``np.array`` gets a new object, so that ``np.asarray`` would do the same."""
    held = ast.Name | ast.Attribute | ast.Subscript
    return name_of(call) == "array" and not (call.args and isinstance(call.args[0], held))


def _dropped(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """A function is forgotten and its argument stays: ``exp``, ``detach``, one of the notebook."""
    if not isinstance(node, ast.Call) or isinstance(next(scope.above(node)), ast.Expr):
        return
    name, subject = name_of(node), scope.subject(node)
    is_method = isinstance(node.func, ast.Attribute) and subject is node.func.value
    if subject is not None and name in _OPERATOR_OF and (is_method or name not in _METHODS_ONLY):
        yield Change(_OPERATOR_OF[name], node, subject)
    elif subject is not None and is_own(node) and len(node.args) == 1 and not node.keywords:
        yield Change("function", node, subject)
    for keyword in node.keywords:
        if keyword.arg == "dtype":
            yield Change("dtype", node, without(node, keyword))


def _arguments(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """Two arguments, choices of ``where``, returned values or stacked parts are swapped."""
    match node:
        case ast.Call(_, [first, second, *_]) if is_own(node):
            yield Change("swap", node, swapped(node, first, second))
        case ast.Call(_, [_, first, second]) if name_of(node) == "where":
            yield Change("swap", node, swapped(node, first, second))
        case ast.Call(_, [ast.List([first, second, *rest]) as parts, *_]) if (
            name_of(node) in _STACKING
        ):
            yield Change("swap", parts, ast.List([second, first, *rest], ast.Load()))
        case ast.Return(ast.Tuple([first, second, *rest]) as answers):
            yield Change("swap", answers, ast.Tuple([second, first, *rest], ast.Load()))
        case ast.Dict(keys, [first, second, *rest]):
            yield Change("swap", node, ast.Dict(keys, [second, first, *rest]))


# --- State: gradients, modes, copies, order ---------------------------------------------------


def _gradient(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """An answer is detached from its graph; probabilities are passed in place of logits."""
    match node:
        case ast.Return(ast.expr() as answer) if is_quantity(answer) and not scope.has_numpy:
            used = {part.attr for part in ast.walk(answer) if isinstance(part, ast.Attribute)}
            if (scope.has_torch or used & _TENSOR) and "detach" not in used:
                yield Change("detach", answer, method(answer, "detach"))
        case ast.Call(ast.Attribute(_, "cross_entropy"), [logits, *_]):
            yield Change("softmax", logits, method(logits, "softmax", number(-1)))


def _in_place(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """An input is changed, where the solution makes a new array."""
    match node:
        case ast.Assign([ast.Name(name)], ast.BinOp(ast.Name(again), operation, value)) if (
            name == again and _is_input(name, node, scope)
        ):
            changed = ast.AugAssign(ast.Name(name, ast.Store()), operation, value)
            yield Change("in-place", node, [changed])
        case ast.Return(ast.BinOp(ast.Name(name) as kept, operation, value)) if _is_input(
            name, node, scope
        ) and not isinstance(operation, ast.MatMult):
            changed = ast.AugAssign(ast.Name(name, ast.Store()), operation, value)
            yield Change("in-place", node, [changed, ast.Return(kept)])
        case ast.Call(ast.Attribute(ast.Name("np" | "numpy"), function), [ast.Name(name), *_]) if (
            function in _IN_PLACE and _is_input(name, node, scope)
        ):
            out = ast.keyword("out", node.args[0])
            yield Change("in-place", node, ast.Call(node.func, node.args, [*node.keywords, out]))


def _is_input(name: str, node: ast.AST, scope: Scope) -> bool:
    return name in scope.parameters(node) and not _NUMBER.fullmatch(name)


def _sequence(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """``a, b = f(b), g(a)`` -> ``a = f(b); b = g(a)``: the new a is used for the old one."""
    match node:
        case ast.Assign(
            [ast.Tuple([ast.Name() as first, *_] as names)], ast.Tuple([_, *rest] as values)
        ):
            used = {n.id for value in rest for n in ast.walk(value) if isinstance(n, ast.Name)}
            if first.id in used and len(names) == len(values):
                steps = zip(names, values, strict=True)
                yield Change("sequence", node, [ast.Assign([name], value) for name, value in steps])


def _deleted(node: ast.AST, scope: Scope) -> Iterator[Change]:
    """A filter or a statement is forgotten, if the following code still has all its names."""
    match node:
        case ast.Expr(ast.Constant() | ast.Yield()):
            return
        case ast.comprehension(_, _, conditions):
            yield from (Change("filter", condition, ast.Constant(True)) for condition in conditions)
            return
        case ast.Expr() | ast.AugAssign() | ast.Raise() | ast.Assert() | ast.Continue():
            forgotten = True
        case ast.Assign([target]):
            names = {name.id for name in ast.walk(target) if isinstance(name, ast.Name)}
            forgotten = all(scope.is_bound(name, node) for name in names)
        case ast.Return():
            forgotten = not isinstance(next(scope.above(node)), ast.FunctionDef)
        case _:
            return
    if forgotten:
        yield Change("statement", node, [ast.Pass()])


_OPERATORS: tuple[Callable[[ast.AST, Scope], Iterator[Change]], ...] = (
    _sign,
    _terms,
    _transpose,
    _axis,
    _bounds,
    _kernel,
    _renamed,
    _dropped,
    _arguments,
    _gradient,
    _in_place,
    _sequence,
    _deleted,
)
