"""Huge pages for the warm process: what a fork costs is the number of its pages."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

_libc = ctypes.CDLL(None, use_errno=True)
_HUGE_PAGE = 2 * 2**20
_MADV_COLLAPSE = 25


def use_huge_pages() -> None:
    """Gather this process's data in huge pages, where the kernel (6.1 or newer) can.

    A fork copies one entry for each page, which are more than 100,000 small ones once torch is
    imported. A page that is written to after the fork is still copied in small pieces.
    """
    for start, end in list(_data()):
        start = -(-start // _HUGE_PAGE) * _HUGE_PAGE
        end = end // _HUGE_PAGE * _HUGE_PAGE
        if start < end:  # an error costs time only
            _libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_COLLAPSE)


def _data() -> Iterator[tuple[int, int]]:
    """Yield the writable memory that belongs to no file."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        for line in maps.readlines():
            addresses, permissions, _offset, _device, inode, *name = line.split()
            if permissions == "rw-p" and inode == "0" and name in ([], ["[heap]"]):
                start, end = addresses.split("-")
                yield int(start, 16), int(end, 16)
