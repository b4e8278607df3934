"""What a stored string may be: lengths of the real BBS's columns, texts that are cut, keys that a store can hold.

Lengths count characters, texts count bytes. Source: docs/reference/errors.md and docs/reference/actual-lrps.md.
"""

from __future__ import annotations

import codecs

from bbs.models.errors import INVALID_REQUEST, Refused

NAME_LIMIT = 255
ROOTFS_LIMIT = 1024
KEY_LIMIT = 1200
"""Bytes. The longest key, of a guid of 255 signs of four bytes, has 1,042."""
TEXT_LIMIT = 1024
CUT_MARK = b"(truncated)"

_EACH_BYTE = "diego-each-byte"


def _replaced(error: UnicodeError) -> tuple[str, int]:
    """One mark for each byte that is unreadable, as Go's decoder goes on after one byte."""
    assert isinstance(error, UnicodeDecodeError)
    return "\ufffd", error.start + 1


codecs.register_error(_EACH_BYTE, _replaced)


def looked_up(value: str | bytes) -> str:
    """A guid to look up. One that can't be stored, be it too long or no UTF-8 (then bytes), is merely not found."""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


def require_names(*values: str, limit: int = NAME_LIMIT) -> None:
    """Refuses what no column of a name can hold: more than `limit` characters, NUL, bytes that are no UTF-8.

    The runtime hands a string that is not UTF-8 as bytes, whatever its declared type.
    """
    for value in values:
        if not isinstance(value, str) or len(value) > limit or "\0" in value:
            raise Refused(INVALID_REQUEST)


def require_key(key: str) -> str:
    """`key`, unless it is longer than `KEY_LIMIT`."""
    if len(key.encode()) > KEY_LIMIT:
        raise Refused(INVALID_REQUEST)
    return key


def cut(text: bytes) -> bytes:
    """`text` as it is stored: from 1024 bytes on its first 1013 and a mark. May split a UTF-8 sequence."""
    return text if len(text) < TEXT_LIMIT else text[: TEXT_LIMIT - len(CUT_MARK)] + CUT_MARK


def readable(value: str | bytes) -> str:
    """Text for a JSON call: a string that is no UTF-8 arrives as bytes, and what is unreadable in it is replaced."""
    return value.decode("utf-8", _EACH_BYTE) if isinstance(value, bytes) else value
