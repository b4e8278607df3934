"""An event on the wire: server-sent events, each in one HTTP chunk of its own.

What is the same for all subscribers is encoded once; only the number of the event on its connection is added for each.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from bbs.models.events import Channel, Event

LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Line:
    """One event of one channel, encoded up to its number."""

    channel: Channel
    cells: frozenset[str] | None
    text: bytes


def line(channel: Channel, event: Event) -> Line:
    """The event as all its subscribers get it."""
    text = b"\nevent: %b\ndata: %b\n\n" % (event.name.encode(), b64encode(event.payload))
    return Line(channel, event.cells, text)


def chunk(number: int, text: bytes) -> bytes:
    """The chunk of a line on a connection that got `number` events before. The `;` is that of the real BBS."""
    head = b"id: %d" % number
    return b"%x;\r\n%b%b\r\n" % (len(head) + len(text), head, text)
