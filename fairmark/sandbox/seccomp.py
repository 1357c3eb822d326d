"""System calls that namespaces do not contain, refused to student code.

Keyrings belong to a user, not to a namespace: through them two submissions, or a submission and the
instructor's session, could talk. Sockets of other families than the usual lead to the machine below
a virtual machine. Memory that is shared, or held by a descriptor or the kernel, or grows like a
stack, escapes the limits. Filters of sockets use up what there is for the whole machine. The rest
is what student code has no use for and what kernels were broken through.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
from collections.abc import Iterator

_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _JUMP_IF_ANY = 0x20, 0x15, 0x35, 0x45
_AND, _RETURN = 0x54, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE = 0, 4
_FIRST_ARGUMENT, _SECOND_ARGUMENT, _THIRD_ARGUMENT, _FOURTH_ARGUMENT = 16, 24, 32, 40
_MAP_SHARED_ANONYMOUS, _MAP_GROWSDOWN = 0x21, 0x100
_X32 = 0x40000000

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_REFUSED = {  # on x86_64, on aarch64
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "vmsplice": (278, 75),
    "landlock_create_ruleset": (444, 444),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
_REFUSED_WITHOUT_NAMESPACES = {
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "mq_open": (240, 180),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "fsopen": (430, 430),
    "open_tree": (428, 428),
    "clone3": (435, 435),
}
_CLONE, _SOCKETPAIR = (56, 220), (53, 199)
_SOCKET_TYPE = 0xF
_CLONE_NEW = 0x7E020000
"""Each kind of namespace that ``clone`` makes."""
_SOCKET, _SETSOCKOPT, _MMAP, _PRCTL = (41, 198), (54, 208), (9, 222), (157, 167)
_SO_ATTACH_FILTER, _SO_ATTACH_REUSEPORT_CBPF = 26, 51
_FAMILIES: tuple[int, ...] = (
    socket.AF_UNIX,
    socket.AF_INET,
    socket.AF_INET6,
    socket.AF_NETLINK,
)

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
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


def knows_processor() -> bool:
    """Whether there is a filter for this machine's processor."""
    return os.uname().machine in _ARCHITECTURES


def refuse_system_calls(*, namespaces: bool = True, gpu: bool = False) -> None:
    """Have the kernel refuse them to this process and its descendants, for good.

    The process must have given up its privileges. On processors that are not known here nothing is
    refused: the namespaces hold without it. Where there are no namespaces either that raises
    OSError, and more is refused: every socket but pairs of connected ones, so that there is no
    network and no way to other processes; queues of messages; and new namespaces.

    What CUDA needs of shared memory is left to processes that may use a ``gpu``. They cannot hide
    from their supervisor, which counts it.
    """
    machine = os.uname().machine
    if not knows_processor():
        if not namespaces:
            raise OSError(errno.ENOSYS, f"there is no system call filter for {machine}")
        return
    instructions = list(_instructions(machine, namespaces, gpu))
    array = (_Instruction * len(instructions))(*(_Instruction(*i) for i in instructions))
    program = _Program(len(instructions), array)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp is not available")


def _instructions(machine: str, namespaces: bool, gpu: bool) -> Iterator[tuple[int, int, int, int]]:
    """The filter, as (code, instructions to skip if true, and if false, operand)."""
    column = list(_ARCHITECTURES).index(machine)
    yield _LOAD, 0, 0, _ARCHITECTURE
    yield _JUMP_IF_EQUAL, 1, 0, _ARCHITECTURES[machine]
    yield _RETURN, 0, 0, _REFUSE | errno.ENOSYS  # 32-bit calls have other numbers
    yield _LOAD, 0, 0, _NUMBER
    yield _JUMP_IF_AT_LEAST, 0, 1, _X32
    yield _RETURN, 0, 0, _REFUSE | errno.ENOSYS
    for name, numbers in _REFUSED.items():
        if gpu and name == "memfd_create":
            continue
        yield _JUMP_IF_EQUAL, 0, 1, numbers[column]
        yield _RETURN, 0, 0, _REFUSE | errno.ENOSYS
    if not namespaces:
        yield from _without_namespaces(column)
    yield from _by_first_argument(_SOCKET[column], _FAMILIES, _ALLOW, _REFUSE | errno.EAFNOSUPPORT)
    # As if it were done: who ends with the supervisor must not stop to, nobody else asks for it.
    # Nor may it hide from the looks of the supervisor, where that is no more than its user.
    pretended: tuple[int, ...] = (_PR_SET_PDEATHSIG,)
    if gpu or not namespaces:
        pretended += (_PR_SET_DUMPABLE,)
    yield from _by_first_argument(_PRCTL[column], pretended, _REFUSE, _ALLOW)
    options = {
        socket.SO_SNDBUF: _REFUSE,  # as if done: the kernel itself may set less
        socket.SO_RCVBUF: _REFUSE,
        _SO_ATTACH_FILTER: _REFUSE | errno.ENOPROTOOPT,
        _SO_ATTACH_REUSEPORT_CBPF: _REFUSE | errno.ENOPROTOOPT,
    }
    yield _JUMP_IF_EQUAL, 0, 2 * len(options) + 4, _SETSOCKOPT[column]
    yield _LOAD, 0, 0, _SECOND_ARGUMENT
    yield _JUMP_IF_EQUAL, 0, 2 * len(options) + 1, socket.SOL_SOCKET
    yield _LOAD, 0, 0, _THIRD_ARGUMENT
    for option, answer in options.items():
        yield _JUMP_IF_EQUAL, 0, 1, option
        yield _RETURN, 0, 0, answer
    yield _RETURN, 0, 0, _ALLOW
    if gpu:
        yield _JUMP_IF_EQUAL, 0, 3, _MMAP[column]
        yield _LOAD, 0, 0, _FOURTH_ARGUMENT
        yield _JUMP_IF_ANY, 0, 1, _MAP_GROWSDOWN
    else:
        yield _JUMP_IF_EQUAL, 0, 5, _MMAP[column]
        yield _LOAD, 0, 0, _FOURTH_ARGUMENT
        yield _JUMP_IF_ANY, 2, 0, _MAP_GROWSDOWN
        yield _AND, 0, 0, _MAP_SHARED_ANONYMOUS
        yield _JUMP_IF_EQUAL, 0, 1, _MAP_SHARED_ANONYMOUS
    yield _RETURN, 0, 0, _REFUSE | errno.ENOMEM
    yield _RETURN, 0, 0, _ALLOW


def _without_namespaces(column: int) -> Iterator[tuple[int, int, int, int]]:
    """What namespaces would contain. A program that gets no ``clone3`` uses ``clone``."""
    for name, numbers in _REFUSED_WITHOUT_NAMESPACES.items():
        answer = errno.ENOSYS if name == "clone3" else errno.EACCES
        yield _JUMP_IF_EQUAL, 0, 1, numbers[column]
        yield _RETURN, 0, 0, _REFUSE | answer
    yield _JUMP_IF_EQUAL, 0, 4, _CLONE[column]
    yield _LOAD, 0, 0, _FIRST_ARGUMENT
    yield _JUMP_IF_ANY, 0, 1, _CLONE_NEW
    yield _RETURN, 0, 0, _REFUSE | errno.EPERM
    yield _RETURN, 0, 0, _ALLOW
    # A datagram has an address of its own, and finds any socket that has a name.
    yield _JUMP_IF_EQUAL, 0, 5, _SOCKETPAIR[column]
    yield _LOAD, 0, 0, _SECOND_ARGUMENT
    yield _AND, 0, 0, _SOCKET_TYPE
    yield _JUMP_IF_EQUAL, 1, 0, socket.SOCK_STREAM
    yield _RETURN, 0, 0, _REFUSE | errno.EACCES
    yield _RETURN, 0, 0, _ALLOW


def _by_first_argument(
    call: int, values: tuple[int, ...], listed: int, others: int
) -> Iterator[tuple[int, int, int, int]]:
    """Decide about a call by whether its first argument is one of these."""
    yield _JUMP_IF_EQUAL, 0, len(values) + 3, call
    yield _LOAD, 0, 0, _FIRST_ARGUMENT
    for place, value in enumerate(values):
        yield _JUMP_IF_EQUAL, len(values) - place, 0, value
    yield _RETURN, 0, 0, others
    yield _RETURN, 0, 0, listed
