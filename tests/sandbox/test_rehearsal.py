"""What the warm process does once for all leaves nothing that a submission could notice."""

from __future__ import annotations

import subprocess
import sys

_LOOK = """
import os
import random
import numpy as np
import torch

torch.set_num_threads(1)
from fairmark.sandbox.rehearsal import rehearse

def state():
    return (
        random.getstate(),
        [part.tolist() if isinstance(part, np.ndarray) else part for part in np.random.get_state()],
        torch.get_rng_state().tolist(),
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        torch.get_num_threads(),
        len(os.listdir("/proc/self/task")),
    )

before = state()
rehearse()
assert state() == before

child = os.fork()  # torch refuses to train in a fork of a process whose training had threads
if child == 0:
    weight = torch.ones(3, requires_grad=True)
    (weight * torch.arange(3.0)).sum().backward()
    os._exit(weight.grad.tolist() != [0, 1, 2])
assert os.waitpid(child, 0)[1] == 0
"""


def test_no_generator_setting_or_thread_is_changed_and_forks_can_train() -> None:
    done = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_without_torch_nothing_is_done() -> None:
    look = (
        "import sys; from fairmark.sandbox.rehearsal import rehearse; rehearse();"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
