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

HELPERS = {"_sizes(": _SIZES, "_only(": _ONLY, "_named(": _NAMED, "_parts(": _PARTS}
"""By how they are called."""
