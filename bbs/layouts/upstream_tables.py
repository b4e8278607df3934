"""The tables of upstream's relational era by data version: names, columns, types, keys; and rows as layouts see them.

A layout's row of a table has the key `<table>/<parts of the primary key>` and one canonical JSON object as value:
column to string, number, boolean or null, exactly as stored. A SQL engine only translates that object to columns and
back.
Source: docs/reference/upstream-sql.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import MappingProxyType

from bbs.layouts.contract import Row, Undecodable
from bbs.models.records import escaped, unescaped

Value = str | int | bool | None

FIRST = 1461790966
ROUTES_SEALED = 1474993971
PRESENCE = 1529530809
"""Since then a column, and a part of the key, says which LRP of an index a row is; before, `evacuating` did."""
ROUTABLE = 1686692176
TAGS_APART = 1722634733
NEWEST = 1772581987


class Type(Enum):
    """What a column holds. The value is its Python type."""

    TEXT = str
    NUMBER = int
    BOOLEAN = bool


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its definition at data version 1772581987 per engine, and the data version that added it."""

    name: str
    type: Type
    postgresql: str
    mysql: str
    since: int = FIRST

    def value(self, found: object) -> Value:
        """What a driver gave, as it stands in a row: MySQL says booleans as numbers, some drivers texts as bytes."""
        if found is None:
            return None
        if isinstance(found, bytes | bytearray):
            found = bytes(found).decode("utf-8", "surrogateescape")
        if self.type is Type.BOOLEAN and isinstance(found, int):
            return bool(found)
        return found if isinstance(found, str | int) else str(found)


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `key`: the columns of its primary key; `indexes`: columns with an index `<table>_<column>_idx`."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    indexes: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError."""
        return next(column for column in self.columns if column.name == name)

    def row(self, columns: Mapping[str, object]) -> Row:
        """The row of one record's columns as a driver gives them; columns that are not this table's are left out."""
        found = {column.name: column.value(columns[column.name]) for column in self.columns if column.name in columns}
        return Row(self.row_key(found), encode(found))

    def row_key(self, columns: Mapping[str, Value]) -> str:
        """The key of the row with these columns."""
        guid, *rest = (columns.get(name) for name in self.key)
        if not rest:
            return f"{self.name}/{guid}"
        return "/".join((self.name, escaped(str(guid)), *(str(int(part or 0)) for part in rest)))

    def key_values(self, row_key: str) -> tuple[Value, ...]:
        """The values of the primary key's columns, in its order. Raises Undecodable for another table's row."""
        name, _, rest = row_key.partition("/")
        parts = rest.split("/") if len(self.key) > 1 else [rest]
        if name != self.name or len(parts) != len(self.key):
            message = f"{row_key!a} is no row of the table {self.name}"
            raise Undecodable(message)
        if len(parts) == 1:
            return (rest,)
        numbers = zip(self.key[1:], parts[1:], strict=True)
        return unescaped(parts[0]), *(self.column(column).type.value(int(part)) for column, part in numbers)


def encode(columns: Mapping[str, Value]) -> bytes:
    """Columns as the canonical JSON object of a row's value."""
    text = json.dumps(columns, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8", "surrogateescape")


def decode(value: bytes) -> dict[str, Value]:
    """The columns of a row's value. Raises Undecodable."""
    try:
        columns = json.loads(value)
    except (ValueError, RecursionError) as error:
        message = f"the row is no JSON object of columns: {error}"
        raise Undecodable(message) from None
    if not isinstance(columns, dict) or any(isinstance(found, dict | list | float) for found in columns.values()):
        message = "the row is no JSON object of columns"
        raise Undecodable(message)
    return columns


def _name(name: str, *, empty: bool = False, since: int = FIRST) -> Column:
    default = (" DEFAULT ''::character varying", " DEFAULT ''") if empty else ("", "")
    return Column(
        name,
        Type.TEXT,
        f"character varying(255){default[0]} NOT NULL",
        f"varchar(255) NOT NULL{default[1]}",
        since,
    )


def _error(name: str, since: int = FIRST) -> Column:
    postgresql = "character varying(1024) DEFAULT ''::character varying NOT NULL"
    return Column(name, Type.TEXT, postgresql, "varchar(1024) NOT NULL DEFAULT ''", since)


def _text(name: str, mysql: str = "longtext", *, null: bool = False, since: int = FIRST) -> Column:
    postgresql = "text" if null else "text NOT NULL"
    return Column(name, Type.TEXT, postgresql, f"{mysql} DEFAULT NULL" if null else f"{mysql} NOT NULL", since)


def _number(name: str, default: int | None = None, *, null: bool = False, since: int = FIRST) -> Column:
    return _numeric(name, "integer", "int(11)", default, null, since)


def _time(name: str) -> Column:
    return _numeric(name, "bigint", "bigint(20)", 0, True, FIRST)


def _numeric(name: str, postgresql: str, mysql: str, default: int | None, null: bool, since: int) -> Column:
    given = "" if default is None else f" DEFAULT {default}"
    return Column(
        name,
        Type.NUMBER,
        postgresql + given + ("" if null else " NOT NULL"),
        mysql + ("" if null else " NOT NULL") + (given or (" DEFAULT NULL" if null else "")),
        since,
    )


def _flag(name: str, *, null: bool = True, since: int = FIRST) -> Column:
    postgresql = "boolean DEFAULT false" if null else "boolean DEFAULT false NOT NULL"
    mysql = "tinyint(1) DEFAULT 0" if null else "tinyint(1) NOT NULL DEFAULT 0"
    return Column(name, Type.BOOLEAN, postgresql, mysql, since)


ACTUAL_LRPS = Table(
    "actual_lrps",
    (
        _name("process_guid"),
        _number("instance_index"),
        _flag("evacuating", null=False),
        _name("domain"),
        _name("state"),
        _name("instance_guid", empty=True),
        _name("cell_id", empty=True),
        _error("placement_error"),
        _time("since"),
        _text("net_info"),
        _name("modification_tag_epoch"),
        _number("modification_tag_index", null=True),
        _number("crash_count", 0),
        _error("crash_reason"),
        _time("expire_time"),
        _number("presence", 0, since=PRESENCE),
        _text("internal_routes", "mediumtext", null=True, since=1643660541),
        _text("metric_tags", "mediumtext", null=True, since=1676360874),
        _flag("routable", since=ROUTABLE),
        _name("availability_zone", empty=True, since=1698182853),
    ),
    ("process_guid", "instance_index", "presence"),
    ("domain", "cell_id", "since", "state", "expire_time"),
)
DESIRED_LRPS = Table(
    "desired_lrps",
    (
        _name("process_guid"),
        _name("domain"),
        _name("log_guid"),
        _text("annotation", null=True),
        _number("instances"),
        _number("memory_mb"),
        _number("disk_mb"),
        Column(
            "rootfs", Type.TEXT, "character varying(1024) NOT NULL", "varchar(1024) NOT NULL DEFAULT ''"
        ),  # MySQL's default came with the column's widening
        _text("routes"),
        _text("volume_placement"),
        _name("modification_tag_epoch"),
        _number("modification_tag_index", null=True),
        _text("run_info"),
        _text("placement_tags", "text", null=True, since=1472757022),
        _number("max_pids", 0, null=True, since=1481761088),
        _text("metric_tags", "mediumtext", null=True, since=TAGS_APART),
        _number("update_strategy", 0, since=NEWEST),
    ),
    ("process_guid",),
    ("domain",),
)
TASKS = Table(
    "tasks",
    (
        _name("guid"),
        _name("domain"),
        _time("updated_at"),
        _time("created_at"),
        _time("first_completed_at"),
        _number("state", null=True),
        _name("cell_id", empty=True),
        _text("result", null=True),
        _flag("failed"),
        _error("failure_reason"),
        _text("task_definition"),
        _number("rejection_count", 0, since=1522700600),
        _error("rejection_reason", since=1523050077),
    ),
    ("guid",),
    ("domain", "state", "cell_id", "updated_at", "created_at", "first_completed_at"),
)
DOMAINS = Table("domains", (_name("domain"), _time("expire_time")), ("domain",), ("expire_time",))
TABLES: Mapping[str, Table] = MappingProxyType(
    {table.name: table for table in (ACTUAL_LRPS, DESIRED_LRPS, DOMAINS, TASKS)}
)
"""The tables with records, by name, as of data version 1772581987; their names are those of the kinds of records."""
SEALED = frozenset(
    {"run_info", "volume_placement", "net_info", "task_definition", "routes", "internal_routes", "metric_tags"}
)
"""The columns that are encrypted: messages and JSON."""
OTHERS = ("bbs_health_check", "configurations")
"""Tables of upstream that hold no record."""


@cache
def tables(version: int) -> Mapping[str, Table]:
    """The tables with records as a data version knew them."""
    return MappingProxyType({table.name: _at(version, table) for table in TABLES.values()})


def _at(version: int, table: Table) -> Table:
    columns = tuple(column for column in table.columns if column.since <= version)
    key = table.key
    if version < PRESENCE:
        key = tuple("evacuating" if name == "presence" else name for name in key)
    return Table(table.name, columns, key, table.indexes)


def as_found(table: Table, names: Iterable[str]) -> Table:
    """The table as a database has it that has these columns, whatever its data version."""
    present = set(names)
    columns = tuple(column for column in table.columns if column.name in present)
    key = table.key if present.issuperset(table.key) else _at(FIRST, table).key
    return Table(table.name, columns, key, tuple(name for name in table.indexes if name in present))
