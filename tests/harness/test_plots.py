"""What a plot is said to show: plain data, or one line of what is missing."""

from __future__ import annotations

from typing import Any

import pytest
from matplotlib import pyplot

from fairmark.harness.plots import plotted
from fairmark.harness.proxy import LocalTransport, Mismatch, Submission
from fairmark.wire.codec import WireError


def test_an_axes_of_many_kinds() -> None:
    figure, axes = pyplot.subplots(1, 2)
    axes[0].bar([1, 2], [3.0, 4.0])
    axes[0].scatter([1.0], [2.0])
    axes[0].set(xlabel="x", xlim=(0, 5), yscale="log")
    axes[1].imshow([[1, 2], [3, 4]])
    axes[1].text(0, 0, "here")
    submission = Submission(LocalTransport({"axes": axes, "figure": figure, "nothing": 3}))
    # What has the name of a method is reached as an item.
    for plot in (submission["axes"], submission.figure):
        first, second = submission.axes(plot)
        assert (first.xlabel, first.yscale, first.legend) == ("x", "log", None)
        assert first.xlim.tolist() == [0, 5]
        assert [bar["height"] for bar in first.bars] == [3.0, 4.0]
        assert first.points[0].tolist() == [[1.0, 2.0]]
        assert second.images[0].tolist() == [[1, 2], [3, 4]] and second.texts == ["here"]
    assert len(submission.axes()) == 2  # of what was drawn last
    with pytest.raises(Mismatch, match="There is no plot"):
        submission.axes(submission.nothing)
    pyplot.close(figure)


@pytest.mark.parametrize("answer", [None, 3, [3], [{"title": "a"}], {"title": "a"}])
def test_a_forged_description_is_refused(answer: Any) -> None:
    with pytest.raises(WireError):
        plotted(answer)
