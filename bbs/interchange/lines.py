"""Export and import: one JSON line a record, independent of layout, store and root.

A line is `{"kind", "key", "record"}`. `record` is the message by the names of the real BBS plus its absolute `deadline`
where it has one; a domain's is `{"domain", "deadline"}`, null for never. Lines are sorted by (kind, key), so equal
content gives equal bytes. Source: docs/reference/export.md.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from bbs.interchange.documents import NotJSON, member_texts, parse_object
from bbs.interchange.identity import misplaced
from bbs.interchange.reader import message_from_object
from bbs.interchange.schema import MESSAGE_OF
from bbs.interchange.wire_fields import Malformed
from bbs.interchange.writer import Writer
from bbs.models.records import NEVER, Kind, Nanoseconds, Record

_LATEST = (1 << 63) - 1


class Unexportable(ValueError):
    """A record whose bytes are no message of its kind; names the record."""


class BadLine(ValueError):
    """A line that is no record. `number` counts from 1."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"line {number}: {reason}")
        self.number = number
        self.reason = reason


def _quoted(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(text)
    return json.dumps(text, ensure_ascii=False)


def record_text(record: Record) -> str:
    """The canonical JSON object of a record. Raises Unexportable."""
    if record.kind is Kind.DOMAINS:
        deadline = "null" if record.deadline == NEVER else str(record.deadline)
        return f'{{"domain":{_quoted(record.key)},"deadline":{deadline}}}'
    try:
        text = Writer(exact=True).text(MESSAGE_OF[record.kind], record.data)
    except Malformed as error:
        message = f"{record.kind.value} {record.key!r} can't be exported: {error}"
        raise Unexportable(message) from None
    return text if record.deadline == NEVER else f'{text[:-1]},"deadline":{record.deadline}}}'


def export_line(record: Record) -> bytes:
    """One line, newline included. Raises Unexportable."""
    return f'{{"kind":"{record.kind.value}","key":{_quoted(record.key)},"record":{record_text(record)}}}\n'.encode()


def export_lines(records: Iterable[Record]) -> Iterator[bytes]:
    """The lines of all records, sorted by (kind, key). Raises Unexportable."""
    for record in sorted(records, key=lambda record: (record.kind.value, record.key)):
        yield export_line(record)


def _deadline(value: Any) -> Nanoseconds:
    if value is None:
        return NEVER
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _LATEST:
        message = f"deadline: nanoseconds since 1970 or null wanted, found {value!r}"
        raise NotJSON(message)
    return value


def _text_member(members: dict[str, Any], name: str) -> str:
    value = members[name]
    if not isinstance(value, str) or not value:
        message = f"{name}: text wanted"
        raise NotJSON(message)
    return value


def _kind(members: dict[str, Any]) -> Kind:
    name = _text_member(members, "kind")
    try:
        return Kind(name)
    except ValueError:
        message = f"kind: one of {', '.join(kind.value for kind in Kind)} wanted, found {name!r}"
        raise NotJSON(message) from None


def _domain(key: str, members: dict[str, Any]) -> bytes:
    if members != {"domain": key}:
        message = f"record: a domain's is {{domain, deadline}}, and its domain is its key {key!r}"
        raise NotJSON(message)
    return b""


def _record(line: bytes) -> Record:
    text = line.decode()
    outer = parse_object(text)
    if set(outer) != {"kind", "key", "record"}:
        message = f"members kind, key, record wanted, found {', '.join(sorted(outer)) or 'none'}"
        raise NotJSON(message)
    kind, key = _kind(outer), _text_member(outer, "key")
    members = outer["record"]
    if not isinstance(members, dict):
        message = "record: an object wanted"
        raise NotJSON(message)
    deadline = _deadline(members.pop("deadline", None))
    if kind is Kind.DOMAINS:
        return Record(kind, key, _domain(key, members), deadline)
    routes = member_texts(text, "record", "routes") if members.get("routes") else {}
    data = message_from_object(MESSAGE_OF[kind], members, routes)
    problem = misplaced(kind, key, data)
    if problem:
        raise NotJSON(problem)
    return Record(kind, key, data, deadline)


def import_records(lines: Iterable[bytes]) -> Iterator[Record]:
    """The records of export lines; empty lines are skipped. Raises BadLine at the first line that is no record, or that
    repeats a key. Whoever stores them reads all first, so that nothing is accepted in part."""
    seen: set[tuple[Kind, str]] = set()
    for number, line in enumerate(lines, start=1):
        stripped = line.strip()
        if not stripped:
            continue
        try:
            record = _record(stripped)
        except UnicodeDecodeError as error:
            raise BadLine(number, f"not UTF-8 at byte {error.start}") from None
        except (NotJSON, Malformed) as error:
            raise BadLine(number, str(error)) from None
        if (record.kind, record.key) in seen:
            raise BadLine(number, f"{record.kind.value} {record.key!r} is there twice")
        seen.add((record.kind, record.key))
        yield record


@dataclass(slots=True)
class ExportSummary:
    """Count and SHA-256 of an export, in all and per kind; fed with its lines in order."""

    counts: Counter[str] = field(default_factory=Counter)
    _all: Any = field(default_factory=sha256)
    _kinds: dict[str, Any] = field(default_factory=dict)

    def add(self, kind: Kind, line: bytes) -> None:
        """Counts one line in."""
        self.counts[kind.value] += 1
        self._all.update(line)
        self._kinds.setdefault(kind.value, sha256()).update(line)

    @property
    def sha256(self) -> str:
        """Over all lines: that of the exported file."""
        digest: str = self._all.hexdigest()
        return digest

    @property
    def sha256_of_kinds(self) -> dict[str, str]:
        """Over the lines of each kind that has any."""
        return {kind: digest.hexdigest() for kind, digest in sorted(self._kinds.items())}


def summarize(records: Iterable[Record]) -> ExportSummary:
    """The summary of what an export of those records would be. Raises Unexportable."""
    summary = ExportSummary()
    for record in sorted(records, key=lambda record: (record.kind.value, record.key)):
        summary.add(record.kind, export_line(record))
    return summary


def export_digest(records: Iterable[Record]) -> str:
    """The SHA-256 of an export of those records, in hexadecimal. Raises Unexportable."""
    return summarize(records).sha256
