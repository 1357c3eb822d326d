"""Functions that drafted modules hold, where their tests call them."""

from __future__ import annotations

_SIZES = '''def _sizes(value):
    """The numbers without their signs, which the text leaves open."""
    if isinstance(value, (list, tuple)):
        return [_sizes(item) for item in value]
    return np.abs(value)'''

_ONLY = '''def _only(answer, *names):
    """The items of these names: others beside them do no harm."""
    if isinstance(answer, dict):
        return {name: answer[name] for name in names if name in answer}
    return answer'''

_NAMED = '''def _named(given, *names):
    """What is given for each name: in a dictionary, as a tuple in their order, or alone."""
    if isinstance(given, dict):
        return given
    return dict(zip(names, given if len(names) > 1 else [given]))'''

_PARTS = '''def _parts(answer, **shapes):
    """The parts of an answer as arrays, if each has its shape and all its numbers are finite."""
    if isinstance(answer, dict):
        answer = [answer.get(name) for name in shapes]
    if not isinstance(answer, (tuple, list)) or len(answer) != len(shapes):
        fail(f"Expected are {len(shapes)} parts: {', '.join(shapes)}.")
    found = {name: as_array(part, name) for name, part in zip(shapes, answer)}
    for name, shape in shapes.items():
        if found[name].shape != shape:
            fail(f"{name} should have the shape {shape}, but it has {found[name].shape}.")
        if not np.isfinite(found[name]).all():
            fail(f"{name} holds numbers that are not finite.")
    return found'''

_SLOPE = '''# Runs beside the answer, and beside the reference.
SLOPE = """
import torch

def slope(function, which, given, named):
    # The gradient, by one of the arguments, of all numbers that come, each with a weight.
    source = (named if isinstance(which, str) else given)[which].detach().clone().requires_grad_()
    (named if isinstance(which, str) else given)[which] = source
    answer = function(*given, **named)
    parts = answer if isinstance(answer, (list, tuple)) else [answer]
    parts = [part for part in parts if isinstance(part, torch.Tensor) and part.requires_grad]
    if not parts:
        return torch.zeros_like(source)
    numbers = torch.cat([part.flatten() for part in parts])
    total = (torch.cos(torch.arange(len(numbers))) * numbers).sum()
    (found,) = torch.autograd.grad(total, [source], allow_unused=True)
    return torch.zeros_like(source) if found is None else found
"""


def _slope(function, which, given, named):
    """The gradient of the reference, by the same code."""
    here = {}
    exec(SLOPE, here)
    return here["slope"](function, which, list(given), dict(named))'''

_GROWTH = '''def _growth(value, at, way, step=1e-5):
    """How fast a value grows when its argument moves this way: by differences, from both sides."""
    return (value(at + step * way) - value(at - step * way)) / (2 * step)'''

HELPERS = {
    "_sizes(": _SIZES,
    "_only(": _ONLY,
    "_named(": _NAMED,
    "_parts(": _PARTS,
    "_slope(": _SLOPE,
    "_growth(": _GROWTH,
}
"""By how they are called."""
