"""What one column of upstream's tables holds, and how it becomes a field of a message and back.

Three kinds: plain columns; sealed messages (`net_info`, `run_info`, `volume_placement`, `task_definition`: envelope and
protobuf); sealed JSON without envelope (`routes`, `internal_routes`, `metric_tags`). The column alone says which.
Source: docs/reference/upstream-sql.md.
"""

from __future__ import annotations

from bbs.encryption.envelope import PROTOBUF_ENVELOPE, Form, unwrap
from bbs.interchange.reader import message_from_text
from bbs.interchange.schema import SCHEMA
from bbs.interchange.wire_fields import Malformed, bytes_field, number_field
from bbs.layouts.contract import Cipher, Undecodable, Unrepresentable
from bbs.layouts.upstream_tables import Value

Columns = dict[str, Value]
NAME_LENGTH = 255
LONGEST = 1024
"""Characters of a root file system and of an error text."""
_INT32 = 1 << 31
_INT64 = 1 << 63

# --- reading ----------------------------------------------------------------------------------------------------------


def text(columns: Columns, name: str) -> bytes:
    """A text; empty for NULL and for a column that the data version lacks. Raises Undecodable."""
    found = columns.get(name)
    if found is None:
        return b""
    if not isinstance(found, str):
        message = f"column {name} holds {found!r}, a text wanted"
        raise Undecodable(message)
    try:
        return found.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        message = f"column {name} holds text that is no Unicode"
        raise Undecodable(message) from None


def number(columns: Columns, name: str) -> int:
    """A number or boolean; 0 for NULL and for a column that the data version lacks. Raises Undecodable."""
    found = columns.get(name)
    if found is None:
        return 0
    if not isinstance(found, int) or not -_INT64 <= found < _INT64:
        message = f"column {name} holds {found!r}, a number wanted"
        raise Undecodable(message)
    return int(found)


def opened(columns: Columns, name: str, cipher: Cipher) -> bytes:
    """The payload of a sealed column, empty for NULL and for nothing. Raises Undecodable, naming the column."""
    stored = text(columns, name)
    try:
        return cipher.open(stored) if stored else b""
    except Undecodable as error:
        message = f"column {name}: {error}"
        raise Undecodable(message) from None


def message(columns: Columns, name: str, cipher: Cipher, kind: str = "") -> bytes:
    """The message of a sealed column. JSON, which the oldest records may hold, is read where `kind` names it."""
    opened_payload = opened(columns, name, cipher)
    if not opened_payload:
        return b""
    payload = unwrap(opened_payload)
    if payload.form is Form.PROTOBUF:
        return payload.data
    if not kind:
        error = f"column {name} holds JSON; protobuf wanted"
        raise Malformed(error)
    try:
        return message_from_text(SCHEMA[kind], payload.data.decode())
    except UnicodeDecodeError:
        error = f"column {name} holds JSON that is not UTF-8"
        raise Malformed(error) from None


# --- fields of a message, left out when they say nothing --------------------------------------------------------------


def text_field(field: int, value: bytes) -> bytes:
    """A text's field."""
    return bytes_field(field, value) if value else b""


def numeric_field(field: int, value: int) -> bytes:
    """A number's field."""
    return number_field(field, value) if value else b""


# --- writing ----------------------------------------------------------------------------------------------------------


def name(value: bytes, column: str, longest: int = NAME_LENGTH) -> str:
    """A text that is an identity or a place: it is stored whole or not at all. Raises Unrepresentable."""
    try:
        found = value.decode()
    except UnicodeDecodeError:
        error = f"{column} is not UTF-8, which no column can hold"
        raise Unrepresentable(error) from None
    if len(found) > longest or "\0" in found:
        error = f"{column} has {len(found)} characters; {longest} without NUL are possible"
        raise Unrepresentable(error)
    return found


def words(value: bytes, longest: int | None = None) -> str:
    """A text for people: what no column can hold of it is replaced by U+FFFD, and more than `longest` is cut off."""
    return value.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")[:longest]


def int32(value: int) -> int:
    """A number as protobuf's int32 reads it."""
    value &= 2 * _INT32 - 1
    return value - 2 * _INT32 if value >= _INT32 else value


def tag_index(value: int) -> int:
    """The index of a modification tag. Raises Unrepresentable beyond what an INT column holds."""
    value &= 2 * _INT32 - 1
    if value >= _INT32:
        error = f"modification_tag_index {value} is more than {_INT32 - 1}, which no column can hold"
        raise Unrepresentable(error)
    return value


def sealed(payload: str, cipher: Cipher) -> str:
    """A sealed JSON column."""
    return cipher.seal(payload.encode("utf-8", "surrogateescape")).decode()


def sealed_message(data: bytes, cipher: Cipher) -> str:
    """A sealed message column."""
    return cipher.seal(PROTOBUF_ENVELOPE + data).decode()
