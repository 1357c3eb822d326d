"""Generic wrong answers as code: for exercises whose functions are handed to helpers of the tests.

What a helper calls, it calls in the student's process, so nothing of it travels.
"""

from __future__ import annotations

from collections.abc import Sequence

from fairmark.verify.calls import Function

_CELL = """
def _wrong_answer(right, parameters):
    past = {{}}

    def wrong(*args, **kwargs):
        given = dict(zip(parameters, args)) | kwargs
        {body}

    return wrong if callable(right) else None


"""
_FIRST = """if "result" not in past:
            past["result"] = right(*args, **kwargs)
        return past["result"]"""
_HAND_BACK = 'return given["{parameter}"]'
_IGNORE = """given["{parameter}"] = past.setdefault("{parameter}", given.get("{parameter}"))
        return right(**given)"""
_LEAVE_OUT = """given.pop("{parameter}", None)
        return right(**given)"""


def wrapped(generic: str, names: Sequence[str], functions: Sequence[Function]) -> str | None:
    """The cell that makes a generic wrong answer of the right one; None where there is no such."""
    parameters = {function.name: function.parameters for function in functions}
    if generic == "none":
        return _cell("return None", names, parameters)
    if generic == "first-result" and parameters and all(parameters.values()):
        return _cell(_FIRST, names, parameters)
    for function in functions:
        for parameter in function.parameters:
            if generic == f"{function.name}-hands-back-{parameter}":
                body = _HAND_BACK
            elif generic == f"{function.name}-ignores-{parameter}":
                body = _LEAVE_OUT if parameter in function.optional else _IGNORE
            else:
                continue
            return _cell(body.format(parameter=parameter), [function.name], parameters)
    return None


def _cell(body: str, names: Sequence[str], parameters: dict[str, tuple[str, ...]]) -> str:
    calls = [f"{name} = _wrong_answer({name}, {parameters.get(name, ())!r})" for name in names]
    return _CELL.format(body=body) + "\n".join(calls) + "\n"
