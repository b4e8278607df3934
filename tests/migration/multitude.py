"""Very many records in little time: a few thousand generated ones, each copied under guids of its own.

Generating a realistic record takes longer than migrating it. A copy differs in the first digits of its guids only, in
key and content alike, so that lengths stay and every cross-reference of the original holds between the copies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, islice

from bbs.encryption.ciphers import PlainCipher
from bbs.interchange.digest import RecordDigest
from bbs.interchange.generation import generate
from bbs.layouts.contract import Layout, Row
from bbs.models.records import Kind, Record

ORIGINALS = 2000
_SEED = 11
_DIGITS = 6
_GUID = 36


def records(number: int) -> Iterator[Record]:
    """Exactly so many inert records."""
    return islice(copies(list(generate(min(number, ORIGINALS), _SEED, inert=True))), number)


def copies(originals: Sequence[Record]) -> Iterator[Record]:
    """The originals, and then copies of all but the domains without end."""
    copied = [record for record in originals if record.kind is not Kind.DOMAINS]
    yield from originals
    for turn in count() if copied else ():
        yield from (_copy(record, turn) for record in copied)


def rows(number: int, layout: Layout) -> Iterator[Row]:
    """The rows of those records in a layout that never seals. The originals alone are encoded."""
    first = list(generate(min(number, ORIGINALS), _SEED, inert=True))
    encoded = [(record, layout.encode(record, PlainCipher())) for record in first]
    copied = [pair for pair in encoded if pair[0].kind is not Kind.DOMAINS]
    for _, of_one in encoded:
        yield from of_one
    for each in range(number - len(first)):
        turn, which = divmod(each, len(copied))
        record, of_one = copied[which]
        old, new = _renamed(record, turn)
        for row in of_one:
            yield Row(row.key.replace(old, new), row.value.replace(old.encode(), new.encode()), row.deadline)


def digest(number: int) -> RecordDigest:
    """What those records are."""
    found = RecordDigest()
    for record in records(number):
        found.add(record)
    return found


def _copy(record: Record, turn: int) -> Record:
    old, new = _renamed(record, turn)
    data = record.data.replace(old.encode(), new.encode())
    return Record(record.kind, record.key.replace(old, new), data, record.deadline)


def _renamed(record: Record, turn: int) -> tuple[str, str]:
    guid = record.key[:_GUID]
    return guid, f"{turn:0{_DIGITS}x}{guid[_DIGITS:]}"
