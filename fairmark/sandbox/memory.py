"""The warm process's data as a sealed file in memory: a fork copies what it has touched, not all.

A fork copies one entry of the page table for each page of a process's own data, and the end of the
copy takes each apart again: once torch is imported these are 100,000. Of a file that a process has
mapped for itself, only the pages count that it has come to use. So what was imported is written
into a file that nobody can change any more, and mapped again in its old place. A page that a
process writes to becomes its own, as before.
"""

from __future__ import annotations

import bisect
import contextlib
import ctypes
import fcntl
import gc
import mmap
import os
import struct
from collections.abc import Iterator, Sequence

_POOL = 16 * 2**10
_ARENA = 2**20
"""Sizes of Python's own allocator (CPython, Objects/obmalloc.c), 3.10 and newer."""
_POOL_HEADER = struct.Struct("=32x4I")
"""Its last four numbers: the arena's, the size class, the offset of the next block, the largest."""
_SIZE_CLASSES = 32
_STEP = 16
_GAP = 2 * _POOL
"""What lies between two arenas, as a pool begins at a multiple of its size, and is theirs."""

_CONTEXT = 8192
_STACK = 8192
"""More than a ``ucontext_t``, and than a system call, takes on any processor."""
_LINK, _STACK_START, _STACK_SIZE = 1, 2, 4
"""Where a ``ucontext_t`` has these, in words (ucontext.h, the same on all processors)."""

_PIECE = 16 * 2**20
"""Bytes that lie in both places at a time while they are moved."""
_TOP = 2**17
"""Bytes at the heap's end that stay there: it may shrink while the others are moved."""
_MAP_FIXED = 0x10
_MADV_COLLAPSE = 25
_HUGE_PAGE = 2 * 2**20

_libc = ctypes.PyDLL(None)  # not CDLL: with its lock released, Python itself would change data

if hasattr(_libc, "makecontext"):
    _libc.makecontext.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)  # and more

Region = tuple[int, int]
"""Addresses: its first byte's, and that behind its last one's."""


_shared_bytes = 0


def shared_kib() -> int:
    """How much of this process's data lies in the file."""
    return _shared_bytes // 1024


def share_data(*, alone: bool) -> None:
    """Put this process's data into a sealed file, and the rest into huge pages, where it can be.

    ``alone`` says that the process has one thread: what others write meanwhile would be lost, so
    there must be none. To be called before objects are frozen (:func:`gc.freeze`). Where the system
    or the C library cannot do that, forks cost more time, and all else stays the same.
    """
    is_known = hasattr(_libc, "makecontext") and hasattr(os, "memfd_create")
    # Regions begin and end with pools, so a page must not be larger.
    if alone and is_known and mmap.PAGESIZE <= _POOL:
        file = -1
        with contextlib.suppress(OSError):
            file = os.memfd_create("fairmark-warm", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        if file >= 0:
            _libc.malloc_trim(0)
            arenas = _arenas(_anonymous()[1])
            heap = [(start, end - _TOP) for start, end in _anonymous()[0] if end - start > _TOP]
            # Reallocating may let a region grow at its end, and map what follows in the file. The
            # heap never grows in this way, so it comes last.
            _move([*arenas, *heap], file)
            os.close(file)
    _use_huge_pages()


def _move(regions: Sequence[Region], file: int) -> None:
    """Write the regions into the file, map it in their places and seal it.

    Ends the process where the machine's memory does not suffice, as data are lost then. Raises
    OSError where the file cannot be sealed.
    """
    global _shared_bytes
    write, map_ = (_address(function) for function in (_libc.pwrite, _libc.mmap))
    access, kind = mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE | _MAP_FIXED
    calls: list[tuple[int, ...]] = []
    offset = 0
    for start, end in _pieces(regions):
        length = end - start
        calls.append((write, file, start, length, offset))
        calls.append((map_, start, length, access, kind, file, offset))
        offset += length
    if not calls:
        return
    _call_in_a_row(calls)
    if os.fstat(file).st_blocks * 512 < offset:
        os.abort()
    seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, seals)
    _shared_bytes = offset


def _pieces(regions: Sequence[Region]) -> Iterator[Region]:
    """Yield the regions in pieces: each is moved before the next one needs memory."""
    for start, end in regions:
        for at in range(start, end, _PIECE):
            yield at, min(at + _PIECE, end)


def _call_in_a_row(calls: Sequence[tuple[int, ...]]) -> None:
    """Call C functions, given with their arguments, one after the other.

    No code of Python's runs between two of them, which would change what has been written, but not
    yet mapped. Each call is a context (makecontext(3)) that goes on with the next one at its end.
    They lie in memory that is not moved.
    """
    each = _CONTEXT + _STACK
    room = mmap.mmap(-1, (len(calls) + 1) * each)  # shared, so it is no region
    first = ctypes.addressof(ctypes.c_char.from_buffer(room))
    origin, *contexts = (first + number * each for number in range(len(calls) + 1))
    for number, (function, *arguments) in enumerate(calls):
        context = contexts[number]
        _libc.getcontext(ctypes.c_void_p(context))
        words = ctypes.cast(context, ctypes.POINTER(ctypes.c_size_t))
        words[_LINK] = contexts[number + 1] if number + 1 < len(calls) else origin
        words[_STACK_START], words[_STACK_SIZE] = context + _CONTEXT, _STACK
        _libc.makecontext(
            ctypes.c_void_p(context),
            ctypes.c_void_p(function),
            ctypes.c_int(len(arguments)),
            *map(ctypes.c_size_t, arguments),
        )
    _libc.swapcontext(ctypes.c_void_p(origin), ctypes.c_void_p(contexts[0]))


def _use_huge_pages() -> None:
    """Gather the data that is left in huge pages, where the kernel (6.1 or newer) can."""
    for region in (region for kind in _anonymous() for region in kind):
        start = -(-region[0] // _HUGE_PAGE) * _HUGE_PAGE
        end = region[1] // _HUGE_PAGE * _HUGE_PAGE
        if start < end:  # an error costs time only
            _libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_COLLAPSE)


def _address(function: object) -> int:
    address = ctypes.cast(function, ctypes.c_void_p).value  # type: ignore[arg-type]
    assert address is not None
    return address


def _anonymous() -> tuple[list[Region], list[Region]]:
    """The heap of the C library, and all other writable memory that belongs to no file."""
    heap: list[Region] = []
    mapped: list[Region] = []
    with open("/proc/self/maps", encoding="utf-8") as maps:
        for line in maps.readlines():
            addresses, permissions, _offset, _device, inode, *name = line.split()
            if permissions == "rw-p" and inode == "0" and name in ([], ["[heap]"]):
                start, end = (int(address, 16) for address in addresses.split("-"))
                (heap if name else mapped).append((start, end))
    return heap, mapped


def _arenas(mapped: Sequence[Region]) -> list[Region]:
    """The parts of this memory that are Python's own allocator's.

    Nothing else may be moved: another allocator may give pages back (MADV_DONTNEED) and take it for
    granted that they hold zeros then, and not what stands in a file. An arena is known by the
    headers of its pools, and a pool by an object that lies in it.
    """
    starts = [start for start, _end in mapped]
    pools = {address // _POOL * _POOL for address in map(id, gc.get_objects())}
    arenas: dict[tuple[int, int], list[int]] = {}
    for pool in pools:
        place = bisect.bisect_right(starts, pool) - 1
        if place >= 0 and pool + _POOL <= mapped[place][1]:
            header = ctypes.string_at(pool, _POOL_HEADER.size)
            arena, size_class, _next, largest = _POOL_HEADER.unpack(header)
            if size_class < _SIZE_CLASSES and largest == _POOL - (size_class + 1) * _STEP:
                arenas.setdefault((place, arena), []).append(pool)
    regions: list[Region] = []
    there = -1
    found = ((place, min(pools), max(pools) + _POOL) for (place, _), pools in arenas.items())
    for place, start, end in sorted(found):
        if end - start > _ARENA:
            continue  # no arena after all
        if place == there and start - regions[-1][1] <= _GAP:
            regions[-1] = regions[-1][0], end
        else:
            regions.append((start, end))
        there = place
    return regions
