"""Reading a root: rows of one layout as canonical records, and what of them is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

from bbs.layouts.contract import Cipher, Layout, Row, Undecodable
from bbs.models.records import Kind, Record
from bbs.stores.contract import Snapshot

_MODULUS = 1 << 128
_PAGE = 2000
"""Records of several rows that come as one page at the end."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Rows that are no record of the layout. `kind` None: the row belongs to no record, `key` is then its own."""

    kind: Kind | None
    key: str
    reason: str

    @property
    def name(self) -> str:
        """How a person finds it."""
        return self.key if self.kind is None else f"{self.kind.value}/{self.key}"


class Rows(Protocol):
    """Something that is shown every row that is read."""

    def add(self, page: Sequence[Row]) -> None:
        """Take some rows in."""


class RowDigest:
    """What the rows of a root are, whatever their order: so that two looks can be compared without keeping either."""

    __slots__ = ("count", "value")

    def __init__(self) -> None:
        self.count = 0
        self.value = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RowDigest) and (self.count, self.value) == (other.count, other.value)

    __hash__ = None  # type: ignore[assignment]

    def add(self, page: Sequence[Row]) -> None:
        """Take some rows in."""
        for key, value, deadline in page:
            name = key.encode("utf-8", "surrogateescape")
            whole = blake2b(b"%d %d " % (len(name), deadline), digest_size=16)
            whole.update(name)
            whole.update(value)
            self.value = (self.value + int.from_bytes(whole.digest(), "big")) % _MODULUS
        self.count += len(page)


@dataclass(frozen=True, slots=True)
class Place:
    """One root as it can be read: where, in which layout, with which keys."""

    layout: Layout
    root: str
    cipher: Cipher


async def read_records(
    snapshot: Snapshot, place: Place, rows: Rows | None = None, at_once: int = 100
) -> AsyncIterator[list[Record | Unread]]:
    """All records of a root, in slices of `at_once` between which the event loop gets its turn; `rows` takes in all.

    An empty slice stands at the end of each page: what comes next may be asked of the store again.
    A record that lies in several rows is complete only after the last page; those come at the end.
    """
    parts: dict[tuple[Kind, str], list[Row]] = {}
    async for page in snapshot.scan(place.root):
        if rows is not None:
            rows.add(page)
        for start in range(0, len(page), at_once):
            found = list(_read_page(page[start : start + at_once], place, parts))
            if found:
                yield found
            await asyncio.sleep(0)
        yield []
    keys = list(parts)
    for start in range(0, len(keys), at_once):
        yield [_decoded(place, *key, parts[key]) for key in keys[start : start + at_once]]
        if start % _PAGE >= _PAGE - at_once:
            yield []
        await asyncio.sleep(0)


def _read_page(page: list[Row], place: Place, parts: dict[tuple[Kind, str], list[Row]]) -> Iterator[Record | Unread]:
    for row in page:
        located = place.layout.locate(row.key)
        if located is None:
            yield Unread(None, row.key, f"no record of data version {place.layout.version} lies under this key")
        elif len(place.layout.row_keys(*located)) > 1:
            parts.setdefault(located, []).append(row)
        else:
            yield _decoded(place, *located, [row])


def _decoded(place: Place, kind: Kind, key: str, rows: list[Row]) -> Record | Unread:
    try:
        return place.layout.decode(kind, key, rows, place.cipher)
    except Undecodable as error:
        return Unread(kind, key, str(error))
