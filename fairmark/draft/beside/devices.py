"""Pretends that certain devices are there, whichever way torch is asked for them."""

from __future__ import annotations

import contextlib
from typing import Any
from unittest import mock

import torch


def report(choose: Any, cuda: bool, mps: bool) -> dict[str, str]:
    """The kind of device that it chooses where these are there; then all is put back."""
    metal = torch.backends.mps
    first = torch.device("cuda" if cuda or not mps else "mps")
    pretended: list[tuple[Any, str, Any]] = [
        (torch.cuda, "is_available", cuda),
        (torch.cuda, "device_count", int(cuda)),
        (torch._C, "_cuda_getDeviceCount", int(cuda)),
        (torch.backends.cuda, "is_built", True),
        (metal, "is_available", mps),
        (metal, "is_built", True),
        (torch._C, "_mps_is_available", mps),
        (torch._C, "_accelerator_getAccelerator", first),
    ]
    if hasattr(torch, "accelerator"):
        pretended.append((torch.accelerator, "is_available", cuda or mps))
        pretended.append((torch.accelerator, "current_accelerator", first))
    forget = getattr(metal.is_available, "cache_clear", lambda: None)
    forget()
    try:
        with contextlib.ExitStack() as stack:
            for owner, name, answer in pretended:
                told = mock.Mock(return_value=answer)
                stack.enter_context(mock.patch.object(owner, name, told, create=True))
            return {"device": str(choose()).partition(":")[0]}
    finally:
        forget()
