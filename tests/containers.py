"""Runs a command as in a platform's container: root without namespaces, mounts and most rights.

``python -m tests.containers [--no-landlock] [--root FOLDER] COMMAND...`` keeps the capabilities
that Docker leaves to root, and refuses what Docker's filter of system calls refuses of namespaces.
"""

from __future__ import annotations

import argparse
import ctypes
import errno
import os
import struct
import sys

_CAPABILITIES = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)
"""chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, net_raw,
sys_chroot, mknod, audit_write, setfcap: what Docker's documentation lists."""
_CALLS = {  # on x86_64, on aarch64
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "keyctl": (250, 219),
}
_CLONE, _CLONE3, _LANDLOCK = (56, 220), 435, 444
_CLONE_NEW = 0x7E020000
_REFUSE, _ALLOW = 0x00050000, 0x7FFF0000
_LOAD, _EQUAL, _ANY, _RETURN = 0x20, 0x15, 0x45, 0x06


def main() -> None:
    """Restrict this process, and become the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--no-landlock", action="store_true")
    parser.add_argument("--root")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    if arguments.root:
        os.chroot(arguments.root)
        os.chdir("/")
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(64):
        if capability not in _CAPABILITIES:
            libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
    _filter(libc, arguments.no_landlock)
    mask = sum(1 << capability for capability in _CAPABILITIES)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    low, high = mask & 0xFFFFFFFF, mask >> 32
    sets = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)
    if libc.capset(header, sets) != 0:
        sys.exit("the capabilities cannot be given up")
    os.execvp(arguments.command[0], arguments.command)


def _filter(libc: ctypes.CDLL, no_landlock: bool) -> None:
    column = 0 if os.uname().machine == "x86_64" else 1
    program = [(_LOAD, 0, 0, 0)]
    refused = {numbers[column]: errno.EPERM for numbers in _CALLS.values()}
    refused[_CLONE3] = errno.ENOSYS
    if no_landlock:
        refused[_LANDLOCK] = errno.ENOSYS
    for number, code in refused.items():
        program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE | code)]
    program += [(_EQUAL, 0, 3, _CLONE[column]), (_LOAD, 0, 0, 16), (_ANY, 0, 1, _CLONE_NEW)]
    program += [(_RETURN, 0, 0, _REFUSE | errno.EPERM), (_RETURN, 0, 0, _ALLOW)]
    lines = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))
    whole = struct.pack("@HxxxxxxP", len(program), ctypes.addressof(lines))
    if libc.prctl(22, 2, ctypes.create_string_buffer(whole), 0, 0) != 0:
        sys.exit("the filter cannot be set")


if __name__ == "__main__":
    main()
