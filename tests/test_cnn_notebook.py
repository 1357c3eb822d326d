"""What `cnn`'s notebook says is what it has measured, and what it loads is what was saved."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

SOLUTIONS = ("digits_tensors", "build_cnn", "count_parameters", "train", "accuracy")
TIMES = (*SOLUTIONS, "choose_device", "measure_seconds", "device-numbers", "times")
SIZES = ("1", "16", "64", "256", "1024")


@pytest.fixture(scope="module")
def cells(course_root: Path) -> dict[str, dict[str, Any]]:
    path = course_root / "source" / "cnn" / "cnn.ipynb"
    return {cell["id"]: cell for cell in json.loads(path.read_text("utf-8"))["cells"]}


@pytest.fixture(autouse=True)
def beside(course_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the notebook's cells import what stands beside it; others have the same names."""
    folder = course_root / "source" / "cnn"
    monkeypatch.syspath_prepend(folder)
    for path in folder.glob("*.py"):
        monkeypatch.delitem(sys.modules, path.stem, raising=False)


def run(cells: dict[str, dict[str, Any]], *names: str, **given: object) -> dict[str, Any]:
    """Run these cells, with the digits' four tensors at hand; return what they define."""
    space: dict[str, Any] = dict(given)
    exec(cells["imports"]["source"], space)
    for name in names:
        exec(cells[name]["source"], space)
        if name == "digits_tensors":
            exec("X_train, y_train, X_test, y_test = digits_tensors()", space)
    return space


def printed(cell: dict[str, Any]) -> str:
    return "".join(output.get("text", "") for output in cell["outputs"])


def test_the_model_answer_has_the_times_that_are_stored(cells: dict[str, dict[str, Any]]) -> None:
    stored = printed(cells["times"])
    sizes = re.findall(r"\d+", next(line for line in stored.splitlines() if "batch size" in line))
    for unit in ("ms/batch", "µs/digit"):
        line = next(line for line in stored.splitlines() if unit in line)
        measured = dict(zip(sizes, re.findall(r"[\d.]+", line), strict=True))
        row = next(
            line
            for line in cells["gpu_or_cpu"]["source"].splitlines()
            if line.startswith("| " + unit.replace("/", " per "))
        )
        told = [part.strip() for part in row.strip("| ").split("|")[1:]]
        two_digits = [float(f"{float(measured[size]):.2g}") for size in SIZES]
        assert told == [f"{number:g}" for number in two_digits]


def test_the_table_of_times_cuts_no_digit_off(
    cells: dict[str, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """A slow machine's thousands of microseconds stand in the table as they are."""
    space = run(cells, *TIMES[:-1])
    loop = cells["times"]["source"].partition('print("\\n" + "batch size"')
    assert loop[1]
    seconds = [0.0012345, 0.002, 0.03, 0.04, 0.5, 6.0]
    exec(loop[1] + loop[2], space | {"SIZES": [1, 4, 16, 64, 256, 1024], "times": {"cpu": seconds}})
    lines = capsys.readouterr().out.splitlines()
    table = [re.findall(r"[\d.]+", line) for line in lines if "cpu    " in line]
    assert table[0] == ["1.23", "2.00", "30.00", "40.00", "500.00", "6000.00"]
    assert table[1] == ["1234.5", "500.0", "1875.0", "625.0", "1953.1", "5859.4"]


def test_no_number_of_a_gpu_that_was_not_there(cells: dict[str, dict[str, Any]]) -> None:
    assert "There is no GPU here" in printed(cells["times"])
    assert "cuda " not in printed(cells["times"])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA")
def test_times_on_cuda(cells: dict[str, dict[str, Any]]) -> None:
    """A batch's time is that of its work, and not that of handing it over."""
    space = run(cells, *TIMES)
    assert space["device"].type == "cuda"
    assert set(space["times"]) == {"cpu", "cuda"}
    assert all(seconds > 0 for seconds in space["times"]["cuda"])
    big = torch.rand(4096, 4096, device="cuda")
    arguments = (lambda: big @ big @ big, space["wait_for"](space["device"]))
    right = space["measure_seconds"](*arguments)
    too_early = space["measure_seconds"](arguments[0], lambda: None)
    torch.cuda.synchronize()
    assert right > too_early


def test_without_weights_one_line_and_a_random_network(
    cells: dict[str, dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    space = run(cells, "efficientnet")
    assert capsys.readouterr().out.count("\n") == 1
    assert space["trained"] is False
    with torch.no_grad():
        answers = space["classifier"](torch.rand(2, 3, 64, 64))
    assert answers.shape == (2, 1000)
    assert answers.isfinite().all() and (answers[0] != answers[1]).any()


def test_saved_weights_are_loaded(
    cells: dict[str, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their names are others, and they are halves: their order says where they belong."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    space = run(cells, "efficientnet")
    state = space["classifier"].state_dict()
    saved = {f"name {number}": value + 1 for number, value in enumerate(state.values())}
    halves = {key: v.half() if v.is_floating_point() else v for key, v in saved.items()}
    path = tmp_path / "hub" / "checkpoints" / "efficientnet_lite0-57934424.pth"
    path.parent.mkdir(parents=True)
    torch.save(halves, path)
    network, trained = space["load_efficientnet"]()
    assert trained is True
    for ours, theirs in zip(network.state_dict().values(), halves.values(), strict=True):
        assert torch.equal(ours, theirs.to(ours.dtype))


def test_what_the_text_says_of_the_ablations(cells: dict[str, dict[str, Any]]) -> None:
    """A second softmax does much harm; without ReLU, the pooling is curve enough."""
    source = cells["ablations"]["source"]
    for name in ("a second softmax", "no ReLU"):
        assert f'"{name}": "",' in source
        source = source.replace(f'"{name}": "",', f'"{name}": "same",')
    guessed = {**cells, "ablations": {"source": source}}
    result = run(guessed, *SOLUTIONS, "ablations", best=0.01)["ablations"]
    mean = {name: sum(shares) / 2 for name, shares in result.items()}
    assert mean["a second softmax"] < mean["as it is"] - 0.05
    assert abs(mean["no ReLU"] - mean["as it is"]) < 0.03


def test_nothing_is_trained_before_a_guess(cells: dict[str, dict[str, Any]]) -> None:
    assert run(cells, *SOLUTIONS, "ablations", best=0.01)["ablations"] == {}
