"""What the data versions of 2015 and 2016 have in common; each of their files says in what it differs.

Rows lie below `/v1`: bare JSON or sealed protobuf, desired LRPs whole or in halves, timeouts in old units or in
milliseconds. Any encoding is read, the version's own is written. Source: docs/reference/layouts.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from bbs.encryption.ciphers import PlainCipher, key_label
from bbs.encryption.envelope import PROTOBUF_ENVELOPE, Form, unwrap
from bbs.interchange.digest import records_equal
from bbs.interchange.documents import NotJSON
from bbs.interchange.identity import misplaced
from bbs.interchange.reader import message_from_text
from bbs.interchange.schema import MESSAGE_OF
from bbs.interchange.wire_fields import Malformed, last_number, number_field, without
from bbs.interchange.writer import Unsayable, Writer
from bbs.layouts import etcd_keys as keys
from bbs.layouts.contract import Cipher, Loss, Row, Undecodable, Unrepresentable
from bbs.layouts.desired_halves import UPDATE_STRATEGY, halves, whole
from bbs.layouts.old_units import in_milliseconds, in_old_units
from bbs.layouts.task_mark import CALLBACK_BY_GUID, MARK, without_mark
from bbs.models.records import Kind, Presence, Record
from bbs.wire.index_pb2 import ActualLRP

_PRESENCE_FIELD = 10
_PRESENCE_NUMBERS = {Presence.ORDINARY: 0, Presence.EVACUATING: 1, Presence.SUSPECT: 2}
_PROBE = PlainCipher()

SUSPECT = "suspect LRPs: the etcd era has no row for them"
STRATEGY = "the update strategy RECREATE"
TIMEOUTS = "timeouts that the old units can't hold exactly"


@dataclass(frozen=True)
class EtcdEra:
    """One data version of the etcd era; stateless."""

    version: int
    form: Form
    split: bool
    milliseconds: bool
    natural_root: str | None = "v1"
    serves: bool = True

    @property
    def sealed(self) -> bool:
        """Whether values go through the cipher: bare JSON never does."""
        return self.form is Form.PROTOBUF

    def locate(self, row_key: str) -> tuple[Kind, str] | None:
        """See the contract. Rows of the other shape of desired LRPs are none of this layout's."""
        for prefix, kind in self._prefixes():
            if row_key.startswith(prefix):
                rest = row_key[len(prefix) :]
                key = keys.actual_key(rest) if kind is Kind.ACTUAL_LRPS else rest
                return (kind, key) if key else None
        return None

    def _prefixes(self) -> tuple[tuple[str, Kind], ...]:
        desired = (keys.SCHEDULE, keys.RUN) if self.split else (keys.DESIRED,)
        return (
            *((prefix, Kind.DESIRED_LRPS) for prefix in desired),
            (keys.ACTUAL, Kind.ACTUAL_LRPS),
            (keys.TASK, Kind.TASKS),
            (keys.DOMAIN, Kind.DOMAINS),
        )

    def row_keys(self, kind: Kind, key: str) -> tuple[str, ...]:
        """See the contract; none for a suspect LRP."""
        match kind:
            case Kind.DESIRED_LRPS:
                return (keys.SCHEDULE + key, keys.RUN + key) if self.split else (keys.DESIRED + key,)
            case Kind.ACTUAL_LRPS:
                row = keys.actual_row(key)
                return (row,) if row else ()
            case Kind.TASKS:
                return (keys.TASK + key,)
            case Kind.DOMAINS:
                return (keys.DOMAIN + key,)

    # --- writing ------------------------------------------------------------------------------------------------------

    def encode(self, record: Record, cipher: Cipher) -> tuple[Row, ...]:
        """See the contract. No row at all for a suspect LRP: it is dropped, and `loses` says so."""
        return self._rows(record, cipher, Writer(exact=False))

    def _rows(self, record: Record, cipher: Cipher, writer: Writer) -> tuple[Row, ...]:
        if not 0 <= record.deadline < keys.FOREVER:
            message = f"{record.kind.value} {record.key!r} has the deadline {record.deadline}, which no row can have"
            raise Unrepresentable(message)
        row_keys = self.row_keys(record.kind, record.key)
        if not row_keys:
            return ()
        deadline = keys.beside(record.kind, record.key, record.deadline)
        values = self._values(record, cipher, writer)
        return tuple(Row(key, value, deadline) for key, value in zip(row_keys, values, strict=True))

    def _values(self, record: Record, cipher: Cipher, writer: Writer) -> tuple[bytes, ...]:
        if record.kind is Kind.DOMAINS:
            return (b"",)
        try:
            data = record.data if self.milliseconds else in_old_units(record.kind, record.data)
            data = without_mark(data) if record.kind is Kind.TASKS else data
            if self.form is Form.JSON:
                return (writer.text(MESSAGE_OF[record.kind], data).encode(),)
            parts = halves(data) if self.split and record.kind is Kind.DESIRED_LRPS else (data,)
        except (Malformed, Unsayable) as error:
            message = f"{record.kind.value} {record.key!r} can't be stored at data version {self.version}: {error}"
            raise Unrepresentable(message) from None
        return tuple(cipher.seal(PROTOBUF_ENVELOPE + part) for part in parts)

    # --- reading ------------------------------------------------------------------------------------------------------

    def decode(self, kind: Kind, key: str, rows: Sequence[Row], cipher: Cipher) -> Record:
        """See the contract. Content that names another record than its row does is refused."""
        wanted = self.row_keys(kind, key)
        found = {row.key: row for row in rows}
        missing = [row_key for row_key in wanted if row_key not in found]
        if missing or not wanted:
            message = f"{kind.value} {key!r} is not whole: {', '.join(missing) or 'it has no rows here'} missing"
            raise Undecodable(message)
        deadline = keys.from_beside(kind, key, found[wanted[0]].deadline)
        try:
            data = self._data(kind, [cipher.open(found[row_key].value) for row_key in wanted])
            data = data if self.milliseconds else in_milliseconds(kind, data)
            problem = misplaced(kind, key, data)
            data = _with_presence(key, data) if kind is Kind.ACTUAL_LRPS else data
        except (Malformed, NotJSON) as error:
            message = f"{kind.value} {key!r} is malformed: {error}"
            raise Undecodable(message) from None
        if problem:
            raise Undecodable(problem)
        return Record(kind, key, data, deadline)

    def _data(self, kind: Kind, opened: list[bytes]) -> bytes:
        if kind is Kind.DOMAINS:
            return opened[0]
        if self.split and kind is Kind.DESIRED_LRPS:
            schedule, run = (unwrap(payload) for payload in opened)
            if Form.JSON in (schedule.form, run.form):
                message = "half of a desired LRP is JSON; halves are protobuf"
                raise Malformed(message)
            return whole(schedule.data, run.data)
        payload = unwrap(opened[0])
        if payload.form is Form.PROTOBUF:
            return payload.data
        try:
            return message_from_text(MESSAGE_OF[kind], payload.data.decode())
        except UnicodeDecodeError:
            message = "it is JSON that is not UTF-8"
            raise Malformed(message) from None

    # --- losses -------------------------------------------------------------------------------------------------------

    def sealed_with(self, row: Row) -> frozenset[str]:
        """See the contract; a domain has no value to encrypt."""
        return frozenset({key_label(row.value) or ""}) if self.sealed and row.value else frozenset()

    def loses(self, record: Record) -> Loss | None:
        """See the contract. Leaving encryption for data version 0 is the store's loss, not a record's."""
        if record.kind is Kind.ACTUAL_LRPS and keys.presence_of(record.key) is Presence.SUSPECT:
            return Loss(SUSPECT)
        writer = Writer(exact=False)
        try:
            back = self.decode(record.kind, record.key, self._rows(record, _PROBE, writer), _PROBE)
        except (Unrepresentable, Undecodable) as error:
            return Loss(str(error), refused=True)
        if records_equal(record, back):
            return None
        reasons = [*sorted(writer.lost), *self._reasons(record)]
        return Loss("; ".join(reasons) or "content that reads back otherwise", refused=not reasons)

    def _reasons(self, record: Record) -> list[str]:
        reasons = []
        if self.split and record.kind is Kind.DESIRED_LRPS and last_number(record.data, UPDATE_STRATEGY):
            reasons.append(STRATEGY)
        if record.kind is Kind.TASKS and last_number(record.data, CALLBACK_BY_GUID):
            reasons.append(MARK)
        if not self.milliseconds:
            again = in_milliseconds(record.kind, in_old_units(record.kind, record.data))
            if not records_equal(record, Record(record.kind, record.key, again, record.deadline)):
                reasons.append(TIMEOUTS)
        return reasons


def _with_presence(key: str, data: bytes) -> bytes:
    # The row's key decides: the binaries of the etcd era did not know the field.
    presence = keys.presence_of(key)
    number = _PRESENCE_NUMBERS[presence] if presence else 0
    try:
        if ActualLRP.FromString(data).presence == number:
            return data
    except DecodeError:
        pass
    if last_number(data, _PRESENCE_FIELD) == number:
        return data
    rest = without(data, _PRESENCE_FIELD)
    return rest + number_field(_PRESENCE_FIELD, number) if number else rest
