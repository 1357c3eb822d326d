"""System calls that namespaces do not contain, refused to student code.

Keyrings belong to a user, not to a namespace: through them two submissions, or a submission and the
instructor's session, could talk. Sockets of other families than the usual lead to the machine below
a virtual machine. Memory that is shared, or held by a descriptor, escapes the limit of a process.
The rest is what student code has no use for and what kernels were broken through.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
from collections.abc import Iterator

_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST = 0x20, 0x15, 0x35
_AND, _RETURN = 0x54, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _FOURTH_ARGUMENT = 0, 4, 16, 40
_MAP_SHARED_ANONYMOUS = 0x21
_X32 = 0x40000000

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_REFUSED = {  # on x86_64, on aarch64
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "shmget": (29, 194),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
_SOCKET, _MMAP = (41, 198), (9, 222)
_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)

_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("operand", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("first", ctypes.POINTER(_Instruction)))


def refuse_system_calls() -> None:
    """Have the kernel refuse them to this process and its descendants, for good.

    The process must have given up its privileges. On processors that are not known here nothing is
    refused: the namespaces hold without it.
    """
    machine = os.uname().machine
    if machine not in _ARCHITECTURES:
        return
    instructions = list(_instructions(machine))
    array = (_Instruction * len(instructions))(*(_Instruction(*i) for i in instructions))
    program = _Program(len(instructions), array)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp is not available")


def _instructions(machine: str) -> Iterator[tuple[int, int, int, int]]:
    """The filter, as (code, instructions to skip if true, and if false, operand)."""
    column = list(_ARCHITECTURES).index(machine)
    yield _LOAD, 0, 0, _ARCHITECTURE
    yield _JUMP_IF_EQUAL, 1, 0, _ARCHITECTURES[machine]
    yield _RETURN, 0, 0, _REFUSE | errno.ENOSYS  # 32-bit calls have other numbers
    yield _LOAD, 0, 0, _NUMBER
    yield _JUMP_IF_AT_LEAST, 0, 1, _X32
    yield _RETURN, 0, 0, _REFUSE | errno.ENOSYS
    for numbers in _REFUSED.values():
        yield _JUMP_IF_EQUAL, 0, 1, numbers[column]
        yield _RETURN, 0, 0, _REFUSE | errno.ENOSYS
    yield _JUMP_IF_EQUAL, 0, len(_FAMILIES) + 2, _SOCKET[column]
    yield _LOAD, 0, 0, _FIRST_ARGUMENT
    for place, family in enumerate(_FAMILIES):
        yield _JUMP_IF_EQUAL, len(_FAMILIES) + 5 - place, 0, family
    yield _RETURN, 0, 0, _REFUSE | errno.EAFNOSUPPORT
    yield _JUMP_IF_EQUAL, 0, 4, _MMAP[column]
    yield _LOAD, 0, 0, _FOURTH_ARGUMENT
    yield _AND, 0, 0, _MAP_SHARED_ANONYMOUS
    yield _JUMP_IF_EQUAL, 0, 1, _MAP_SHARED_ANONYMOUS
    yield _RETURN, 0, 0, _REFUSE | errno.ENOMEM
    yield _RETURN, 0, 0, _ALLOW
