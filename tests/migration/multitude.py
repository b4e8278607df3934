"""Very many records in little time: a few thousand generated ones, each copied under guids of its own.

Generating a realistic record takes longer than migrating it. A copy differs in the first digits of its guids only, in
key and content alike, so that lengths stay and every cross-reference of the original holds between the copies.
"""

from __future__ import annotations

from collections.abc import Iterator

from bbs.encryption.ciphers import PlainCipher
from bbs.interchange.digest import RecordDigest
from bbs.interchange.generation import generate
from bbs.layouts.contract import Layout, Row
from bbs.models.records import Kind, Record

ORIGINALS = 2000
_SEED = 11
_DIGITS = 6
_GUID = 36


def records(count: int) -> Iterator[Record]:
    """Exactly `count` inert records."""
    first = list(generate(min(count, ORIGINALS), _SEED, inert=True))
    copied = [record for record in first if record.kind is not Kind.DOMAINS]
    yield from first
    for number in range(count - len(first)):
        turn, which = divmod(number, len(copied))
        yield _copy(copied[which], turn)


def rows(count: int, layout: Layout) -> Iterator[Row]:
    """The rows of those records in a layout that never seals. The originals alone are encoded."""
    first = list(generate(min(count, ORIGINALS), _SEED, inert=True))
    encoded = [(record, layout.encode(record, PlainCipher())) for record in first]
    copied = [pair for pair in encoded if pair[0].kind is not Kind.DOMAINS]
    for _, of_one in encoded:
        yield from of_one
    for number in range(count - len(first)):
        turn, which = divmod(number, len(copied))
        record, of_one = copied[which]
        old, new = _renamed(record, turn)
        for row in of_one:
            yield Row(row.key.replace(old, new), row.value.replace(old.encode(), new.encode()), row.deadline)


def digest(count: int) -> RecordDigest:
    """What those records are."""
    found = RecordDigest()
    for record in records(count):
        found.add(record)
    return found


def _copy(record: Record, turn: int) -> Record:
    old, new = _renamed(record, turn)
    data = record.data.replace(old.encode(), new.encode())
    return Record(record.kind, record.key.replace(old, new), data, record.deadline)


def _renamed(record: Record, turn: int) -> tuple[str, str]:
    guid = record.key[:_GUID]
    return guid, f"{turn:0{_DIGITS}x}{guid[_DIGITS:]}"
