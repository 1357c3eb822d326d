"""How many values a msgpack message holds, counted before any of them is made.

A message of 64 MiB can hold 64 million empty lists, and they would fill gigabytes.
"""

from __future__ import annotations

# By the first byte of a value: how many bytes follow it; how many bytes hold the number of those
# that follow; and, of containers, how many bytes hold the number of items, of how many values each.
_FIXED = dict(
    zip(
        (*range(0xC0, 0xC4), *range(0xCA, 0xD9)),
        (0, 0, 0, 0, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17),
        strict=True,
    )
)
_SIZED = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xC7: 1, 0xC8: 2, 0xC9: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
_EXTENSIONS = (0xC7, 0xC8, 0xC9)
_CONTAINERS = {0xDC: (2, 1), 0xDD: (4, 1), 0xDE: (2, 2), 0xDF: (4, 2)}


def holds_more_than(limit: int, body: bytes | bytearray) -> bool:
    """Whether a msgpack message announces more than ``limit`` values, or has more than it says."""
    place, seen, announced = 0, 0, 1
    while place < len(body) and seen <= announced <= limit:
        first = body[place]
        place, seen = place + 1, seen + 1
        if first < 0x80 or first >= 0xE0:
            continue
        if first < 0x90:
            announced += 2 * (first & 0x0F)
        elif first < 0xA0:
            announced += first & 0x0F
        elif first < 0xC0:
            place += first & 0x1F
        elif first in _FIXED:
            place += _FIXED[first]
        elif first in _SIZED:
            width = _SIZED[first]
            length = int.from_bytes(body[place : place + width], "big")
            place += width + length + (first in _EXTENSIONS)
        else:
            width, values = _CONTAINERS[first]
            announced += values * int.from_bytes(body[place : place + width], "big")
            place += width
    return seen > announced or announced > limit
