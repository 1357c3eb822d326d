"""Reports of models, trainings, pictures, devices and clocks, and the graders made of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fairmark.draft.kinds import probes_of
from fairmark.draft.probed import count_tests, module_of
from fairmark.draft.probes import Known, agree, check, chosen, noticed, right, source_for
from fairmark.draft.record import Model, Opaque, Picture, Recorded, Tensor
from fairmark.draft.settings import narrow
from fairmark.draft.texts import Text
from fairmark.harness.proxy import Mismatch, Submission
from fairmark.harness.transport import LocalTransport
from fairmark.verify.calls import functions_of

X, Y = np.random.default_rng(0).normal(size=(40, 4)).astype("float32"), np.arange(40) % 3
MODEL = Model("Sequential", ("Linear(in_features=4, out_features=3, bias=True)",))
HEAD = """
import time
import torch
from torch import nn
from torch.nn import functional as F
"""


def submission(source: str) -> Submission:
    namespace: dict[str, Any] = {}
    exec(HEAD + source, namespace)
    return Submission(LocalTransport(namespace))


def learned(source: str, call: Recorded, text: str = "", name: str = "") -> list[Known]:
    """What is certain of a function that the notebook calls so."""
    name = name or source.split("def ")[1].partition("(")[0]
    (function,) = functions_of(source, [name])
    found = probes_of(function, source, [call], Text(text, ""))
    known = right(found, submission(source), None)
    assert known
    return known


def sees(known: list[Known], source: str) -> bool:
    return bool(noticed(known, submission(source)))


SHARE = """
def share(model, X, y):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        answer = (model(X).argmax(dim=1) == y).float().mean()
    for m, mode in modes:
        m.training = mode
    return float(answer)
"""


def test_a_function_of_a_model_is_asked_about_models_of_many_kinds() -> None:
    known = learned(SHARE, Recorded((MODEL, Tensor(X), Tensor(Y))), "with no_grad")
    assert len({one.probe.about for one in known}) >= 4
    assert {"answer", "modes as before", "run with gradients"} <= known[0].facts.keys()
    for line, change in {
        "    model.eval()\n": "",
        "m.training = mode": "pass",
        "argmax(dim=1)": "argmin(dim=1)",
        "torch.no_grad()": "torch.enable_grad()",
    }.items():
        assert sees(known, SHARE.replace(line, change)), line
    copied = """
def share(model, X, y):
    import copy
    with torch.inference_mode():
        scores = copy.deepcopy(model).eval()(X).numpy()
    return (scores.argmax(-1) == y.numpy()).mean()
"""
    assert not sees(known, copied)


def test_what_the_text_does_not_speak_of_is_not_asked() -> None:
    known = learned(SHARE, Recorded((MODEL, Tensor(X), Tensor(Y))))
    assert not {"run with gradients", "kinds", "hooks as before"} & known[0].facts.keys()
    assert not sees(known, SHARE.replace("torch.no_grad()", "torch.enable_grad()"))


BUILD = """
def build():
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 5)
    )
"""
OTHERWISE = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.W = nn.Parameter(torch.randn(36, 5))
        self.b = nn.Parameter(torch.zeros(5))
        self.conv = nn.Conv2d(1, 4, (3, 3), padding="same")

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv(x), 2))
        return x.permute(0, 2, 3, 1).flatten(1) @ self.W + self.b


def build():
    return Net()
"""


def test_a_model_is_judged_by_what_it_computes_whatever_it_is_made_of() -> None:
    known = learned(BUILD, Recorded((), {}, ((2, 1, 6, 6),)))
    assert not sees(known, OTHERWISE)
    for line, change in {
        "MaxPool2d": "AvgPool2d",
        "nn.ReLU(), ": "",
        "padding=1), nn.ReLU()": "padding=1), nn.ReLU(), nn.Dropout()",
        "nn.Linear(36, 5)": "nn.Linear(36, 5), nn.Softmax(-1)",
        "(1, 4, 3": "(1, 4, 3, bias=False",
    }.items():
        assert sees(known, BUILD.replace(line, change)), line


TRAIN = """
def train(model, X, y, epochs, lr, batch_size=16, seed=0):
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(X), generator=generator).split(batch_size):
            optimiser.zero_grad()
            loss = F.cross_entropy(model(X[batch]), y[batch])
            loss.backward()
            optimiser.step()
            total += float(loss) * len(batch)
        losses.append(total / len(X))
    return losses
"""
BY_HAND = """
def train(model, X, y, epochs, lr, batch_size=16, seed=0):
    import random
    shuffler, losses = random.Random(seed), []
    speed = [torch.zeros_like(p) for p in model.parameters()]
    for _ in range(epochs):
        order = list(range(len(X)))
        shuffler.shuffle(order)
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            loss = F.cross_entropy(model(X[rows]), y[rows])
            with torch.no_grad():
                slopes = torch.autograd.grad(loss, list(model.parameters()))
                for p, v, slope in zip(model.parameters(), speed, slopes):
                    p -= lr * v.mul_(0.9).add_(slope)
        with torch.no_grad():
            losses.append(F.cross_entropy(model(X), y))
    return torch.stack(losses)
"""


def test_a_training_may_go_any_way_that_keeps_to_batches_and_seed() -> None:
    call = Recorded((MODEL, Tensor(X), Tensor(Y)), {"epochs": 3, "lr": 0.1})
    known = learned(TRAIN, call)
    assert not sees(known, BY_HAND)
    for line, change in {
        "            optimiser.zero_grad()\n": "",
        "            optimiser.step()\n": "",
        "batch_size=16": "batch_size=15",
        "seed=0": "seed=1",
        "range(epochs)": "range(epochs + 1)",
        "total / len(X)": "total",
        "torch.randperm(len(X), generator=generator)": "torch.arange(len(X))",
        "generator=generator": "",
    }.items():
        assert sees(known, TRAIN.replace(line, change)), line


SMALLER = """
def smaller(image, size):
    image = image.convert("RGB")
    image.thumbnail((size, size))
    return image
"""


def test_pictures_come_in_the_modes_that_the_text_names() -> None:
    call = Recorded((Picture("Image", "RGB", (90, 60)), 30))
    known = learned(SMALLER, call, 'a picture of any mode: "L", "RGBA", ...')
    modes = {str(one.probe.arguments[1][0][1]) for one in known}
    assert modes == {"RGB", "L", "RGBA"}
    bilinear = """
def smaller(image, size):
    factor = min(1, size / max(image.size))
    return image.convert("RGB").resize([round(side * factor) for side in image.size], 2)
"""
    assert not sees(known, bilinear)
    assert sees(known, SMALLER.replace('convert("RGB")', "copy()"))
    assert sees(known, SMALLER.replace("(size, size)", "(size, 6)"))


MEASURE = """
def measure(work, synchronize, repeats=4, clock=time.perf_counter):
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = clock()
        work()
        synchronize()
        seconds.append(clock() - start)
    return sum(seconds) / repeats
"""


def test_time_is_measured_on_a_pretended_device() -> None:
    known = learned(MEASURE, Recorded((Opaque("function"), Opaque("function"))))
    assert known[0].facts["jobs"] == 4
    assert sees(
        known, MEASURE.replace("        work()\n        synchronize()\n", "        work()\n")
    )
    assert sees(known, MEASURE.replace("repeats=4", "repeats=5"))


def test_devices_are_pretended_however_torch_is_asked() -> None:
    choose = """
def choose():
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
"""
    known = learned(choose, Recorded(()))
    other = choose.replace("torch.cuda.is_available()", "torch.cuda.device_count() > 0")
    assert not sees(known, other)
    assert sees(known, choose.replace('"cpu"', '"mps"'))


CLIMB = """
def climb(model, channel, steps, seed=0):
    x = torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
    numbers = []
    for _ in range(steps):
        x.requires_grad_()
        value = model(x)[0, channel].mean()
        (slope,) = torch.autograd.grad(value, x)
        numbers.append(value.item())
        x = x.detach() + 0.3 * slope / slope.square().mean().sqrt()
    return x, numbers
"""


def test_an_image_may_evolve_any_way_that_leads_there() -> None:
    layers = ("Conv2d(3, 64, kernel_size=(3, 3))", "ReLU()")
    call = Recorded((Model("Sequential", layers), 1, 30))
    text = "the model stays as you find it"
    (function,) = functions_of(CLIMB, ["climb"])
    known = right(probes_of(function, CLIMB, [call], Text(text, "")), submission(CLIMB), None)
    assert known == []  # nothing tells which input the models of many kinds want
    call = Recorded((Model("Sequential", layers), "conv", 1, 30))
    named = CLIMB.replace("(model, channel", "(model, layer, channel")
    known = learned(named, call, text)
    assert not sees(known, named.replace("0.3", "0.2"))
    assert sees(known, named.replace("+ 0.3", "- 0.3"))
    assert sees(known, named.replace("range(steps)", "range(steps - 1)"))
    assert sees(known, named.replace(".manual_seed(seed)", ""))


def test_layers_become_narrow_and_still_fit_together() -> None:
    layers = ("Conv2d(3, 64, kernel_size=(3, 3))", "BatchNorm2d(64, eps=1e-05)", "ReLU()")
    one, two, three = narrow(layers, np.random.default_rng(0))
    width = one.split(", ")[1]
    assert (one[:10], two, three) == ("Conv2d(3, ", f"BatchNorm2d({width})", "ReLU()")
    assert int(width) < 8


@pytest.mark.parametrize("code", ["asked", "called", "built", "trained", "timed", "devices"])
def test_the_code_of_a_report_stands_by_itself(code: str) -> None:
    text = source_for(code, ["make_list", "make_dict", "make_value"])
    assert "fairmark" not in text and "'''" not in text
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    assert callable(namespace["report"])


def test_the_module_shows_of_each_kind_what_it_hides() -> None:
    known = learned(SHARE, Recorded((MODEL, Tensor(X), Tensor(Y))), "with no_grad")
    wrong = [SHARE.replace("argmax", "argmin"), SHARE.replace("m.training = mode", "pass")]
    kept = chosen(known, [noticed(known, submission(source)) for source in wrong])
    shown = {one.probe.about for one in kept if not one.probe.hidden}
    assert shown and {one.probe.about for one in kept if one.probe.hidden} <= shown
    text = module_of("share", "The share of right answers.", kept, {"share": "reference.hw"})
    assert text.count("def test_") == sum(count_tests(kept))
    assert '"modes as before": True' in text and "reference.share" in text
    compile(text, "test_share.py", "exec")


def test_rows_of_layers_are_written_once() -> None:
    layers = ("Conv2d(3, 64, kernel_size=(3, 3), stride=(1, 1))", "ReLU(inplace=True)")
    named = CLIMB.replace("(model, channel", "(model, layer, channel")
    known = learned(named, Recorded((Model("Sequential", layers), "conv", 1, 30)), "")
    kept = chosen(known, [noticed(known, submission(named.replace("+ 0.3", "- 0.3")))])
    text = module_of("climb", "", kept, {"climb": "reference.hw"})
    assert text.count("Conv2d(") == text.count("LAYERS = ") == 1
    assert '["layers", LAYERS]' in text and "stride" not in text
    compile(text, "test_climb.py", "exec")


def test_a_result_may_come_as_lists_or_as_a_tensor() -> None:
    grid = """
def grid(model, x):
    return (model(x) * 2).detach()
"""
    wide = Tensor(np.random.default_rng(1).normal(size=(40, 9)).astype("float32"))
    known = learned(grid, Recorded((MODEL, wide)))
    assert isinstance(known[0].facts["answer"], dict | np.ndarray)
    assert not sees(known, grid.replace(".detach()", ".detach().tolist()"))
    assert sees(known, grid.replace("* 2", "* 2.1"))


def test_what_may_be_better_is_asked_one_way() -> None:
    assert agree("takes after tensor 0", 0.7, 0.9)
    assert not agree("takes after tensor 0", 0.7, 0.4)
    check("takes after tensor 0", 0.3, 0.9)
    check("first number at most", 2.0, 10.0)
    for part, told in (("takes after tensor 0", -0.9), ("first number at most", 20.0)):
        with pytest.raises(Mismatch):
            check(part, told, 10.0)


def test_a_result_that_stays_an_object_is_asked_nothing() -> None:
    source = """
def counter():
    count = 0
    def step():
        nonlocal count
        count += 1
        return count
    return step
"""
    (function,) = functions_of(source, ["counter"])
    found = probes_of(function, source, [Recorded(())], Text("", ""))
    assert found
    assert "answer" not in {
        key for one in right(found, submission(source), None) for key in one.facts
    }
