"""What the data versions of upstream's relational era have in common; each of their files says when it was and what it
changed.

Rows are rows of four tables (`upstream_tables`). All versions are read; the newest is written, as upstream writes it.
Source: docs/reference/upstream-sql.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bbs.encryption.ciphers import PlainCipher, key_label
from bbs.interchange.documents import NotJSON
from bbs.interchange.wire_fields import Malformed
from bbs.layouts import upstream_actual, upstream_desired, upstream_tables, upstream_tasks
from bbs.layouts.contract import Cipher, Loss, Row, Undecodable, Unrepresentable
from bbs.layouts.old_units import in_milliseconds
from bbs.layouts.upstream_columns import Columns, name, number, text
from bbs.layouts.upstream_losses import reasons
from bbs.models.records import NEVER, Kind, Nanoseconds, Presence, Record, escaped, parse_actual_lrp_key, unescaped

ROOT = "tables"
FOREVER: Nanoseconds = (1 << 63) - 1
"""The column `expire_time` of a domain that never expires."""
LAPSED: Nanoseconds = 1
_PRESENCES = {number: presence for presence, number in upstream_actual.NUMBERS.items()}
_KINDS = {kind.value: kind for kind in Kind}
_PROBE = PlainCipher()


@dataclass(frozen=True)
class UpstreamSQL:
    """One data version of the relational era; stateless."""

    version: int
    natural_root: str | None = ROOT
    serves: bool = False

    # --- keys ---------------------------------------------------------------------------------------------------------

    def locate(self, row_key: str) -> tuple[Kind, str] | None:
        """`<table>/<parts of the primary key>`; see the contract."""
        table, _, rest = row_key.partition("/")
        kind = _KINDS.get(table)
        key = _actual_key(rest) if kind is Kind.ACTUAL_LRPS else rest
        if kind is None or not key or (kind is Kind.ACTUAL_LRPS and not self.row_keys(kind, key)):
            return None
        return kind, key

    def row_keys(self, kind: Kind, key: str) -> tuple[str, ...]:
        """The one row of a record; none for a suspect LRP before there were any."""
        if kind is not Kind.ACTUAL_LRPS:
            return (f"{kind.value}/{key}",)
        instance, _, presence = key.rpartition("/")
        number = upstream_actual.NUMBERS[Presence(presence)]
        if number > 1 and self.version < upstream_tables.PRESENCE:
            return ()
        return (f"{kind.value}/{instance}/{number}",)

    # --- writing ------------------------------------------------------------------------------------------------------

    def encode(self, record: Record, cipher: Cipher) -> tuple[Row, ...]:
        """One row, at the newest version. Raises Unrepresentable, for every record at an older one."""
        if not self.serves:
            message = f"data version {self.version} is only read; {upstream_tables.NEWEST} is the one that is written"
            raise Unrepresentable(message)
        try:
            columns = self._columns(record, cipher)
            problem = self._misplaced(record.kind, record.key, columns)
            if problem:
                raise Unrepresentable(problem)
        except (Malformed, Unrepresentable) as error:
            message = f"{record.kind.value} {record.key!r} can't be stored at data version {self.version}: {error}"
            raise Unrepresentable(message) from None
        (row_key,) = self.row_keys(record.kind, record.key)
        return (Row(row_key, upstream_tables.encode(columns)),)

    def _columns(self, record: Record, cipher: Cipher) -> Columns:
        if record.kind is Kind.DOMAINS:
            key = record.key.encode("utf-8", "surrogateescape")
            return {"domain": name(key, "domain"), "expire_time": _expiry(record.deadline)}
        if record.kind is Kind.ACTUAL_LRPS:
            _, _, presence = parse_actual_lrp_key(record.key)
            _expiry(record.deadline)
            return upstream_actual.encode(record.data, presence, record.deadline, cipher)
        if record.deadline != NEVER:
            message = f"it has the deadline {record.deadline}, which no column can hold"
            raise Unrepresentable(message)
        if record.kind is Kind.TASKS:
            return upstream_tasks.encode(record.data, cipher)
        return upstream_desired.encode(record.data, cipher)

    # --- reading ------------------------------------------------------------------------------------------------------

    def decode(self, kind: Kind, key: str, rows: Sequence[Row], cipher: Cipher) -> Record:
        """See the contract. Content that names another record than its row does is refused."""
        if len(rows) != 1 or rows[0].key not in self.row_keys(kind, key):
            message = f"{kind.value} {key!r} has {len(rows)} rows here, one under its own key wanted"
            raise Undecodable(message)
        try:
            columns = upstream_tables.decode(rows[0].value)
            data, deadline = self._record(kind, key, columns, cipher)
            problem = self._misplaced(kind, key, columns)
        except (Malformed, NotJSON, Undecodable) as error:
            message = f"{kind.value} {key!r} is malformed: {error}"
            raise Undecodable(message) from None
        if problem:
            raise Undecodable(problem)
        return Record(kind, key, data, deadline)

    def _record(self, kind: Kind, key: str, columns: Columns, cipher: Cipher) -> tuple[bytes, Nanoseconds]:
        match kind:
            case Kind.DOMAINS:
                return b"", _deadline(number(columns, "expire_time"))
            case Kind.ACTUAL_LRPS:
                _, _, presence = parse_actual_lrp_key(key)
                return upstream_actual.decode(columns, presence, cipher)
            case Kind.TASKS:
                data = upstream_tasks.decode(columns, cipher)
            case Kind.DESIRED_LRPS:
                data = upstream_desired.decode(columns, cipher)
        # Databases that had left etcd before 1451635200 was made never ran it: any older row may hold the old units.
        return data if self.serves else in_milliseconds(kind, data), NEVER

    def _misplaced(self, kind: Kind, key: str, columns: Columns) -> str | None:
        """Why the columns do not belong under the key; None when they do."""
        try:
            named = upstream_tables.tables(self.version)[kind.value].row_key(columns)
        except (TypeError, ValueError) as error:
            return f"{kind.value} {key!r} has no usable primary key: {error}"
        return None if named in self.row_keys(kind, key) else f"{kind.value} {key!r} holds the row {named!r}"

    # --- losses -------------------------------------------------------------------------------------------------------

    def sealed_with(self, row: Row) -> frozenset[str]:
        """See the contract; each sealed column that holds anything has a key of its own."""
        columns = upstream_tables.decode(row.value)
        stored = (text(columns, column) for column in upstream_tables.SEALED & columns.keys())
        return frozenset(key_label(value) or "" for value in stored if value)

    def loses(self, record: Record) -> Loss | None:
        """See the contract."""
        try:
            rows = self.encode(record, _PROBE)
            back = self.decode(record.kind, record.key, rows, _PROBE)
        except (Unrepresentable, Undecodable) as error:
            return Loss(str(error), refused=True)
        what = reasons(record, back)
        return Loss(what) if what else None


def _actual_key(rest: str) -> str | None:
    parts = rest.split("/")
    if len(parts) != 3 or not parts[0] or escaped(unescaped(parts[0])) != parts[0]:
        return None
    try:
        index, presence = int(parts[1]), _PRESENCES.get(int(parts[2]))
    except ValueError:
        return None
    if presence is None or (str(index), str(upstream_actual.NUMBERS[presence])) != (parts[1], parts[2]):
        return None
    return f"{parts[0]}/{index}/{presence.value}"


def _expiry(deadline: Nanoseconds) -> int:
    if not 0 <= deadline < FOREVER:
        message = f"it has the deadline {deadline}, which no column can hold"
        raise Unrepresentable(message)
    return FOREVER if deadline == NEVER else deadline


def _deadline(expire_time: int) -> Nanoseconds:
    """A domain whose time nobody knows has lapsed: it is stale, never permanent."""
    return NEVER if expire_time == FOREVER else max(expire_time, LAPSED)
