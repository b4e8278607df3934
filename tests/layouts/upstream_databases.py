"""Databases that real Go BBSes wrote, and what the real server answered for them (tests/data/upstream)."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bbs.encryption import Keyring, KeyringCipher
from bbs.layouts.contract import Row
from bbs.layouts.registry import layouts
from bbs.layouts.upstream_tables import tables
from bbs.models.records import Record

DATA = Path(__file__).parents[1] / "data" / "upstream"
KEYS = {"key1": "a secure passphrase", "key2": "another secure passphrase"}
CIPHER = KeyringCipher(Keyring(KEYS, "key1"))
DATABASES = {
    "postgresql-1676360874": 1676360874,
    "postgresql-1722634733": 1722634733,
    "postgresql-1772581987": 1772581987,
    "postgresql-1772581987-key1": 1772581987,
    "postgresql-1772581987-rotating": 1772581987,
    "mysql-1772581987-key1": 1772581987,
}
ANSWERED = ("postgresql-1772581987-key1", "mysql-1772581987-key1")


class Answer(NamedTuple):
    """What the real server answered to one request."""

    path: str
    request: bytes
    response: bytes


def _lines(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt") as file:
        for line in file:
            yield json.loads(line)


def database(name: str) -> list[tuple[str, dict[str, Any]]]:
    """Table and columns of every row, as a driver gives them."""
    return [(line["table"], line["row"]) for line in _lines(name)]


def rows(name: str) -> list[Row]:
    """The rows of a database that hold records, as its layout sees them."""
    known = tables(DATABASES[name])
    return [known[table].row(columns) for table, columns in database(name) if table in known]


def decoded(version: int, row: Row) -> Record:
    """The record of a row."""
    layout = layouts()[version]
    located = layout.locate(row.key)
    assert located is not None
    return layout.decode(*located, [row], CIPHER)


def records(name: str) -> list[Record]:
    """All records of a database."""
    return [decoded(DATABASES[name], row) for row in rows(name)]


def answers(name: str) -> list[Answer]:
    """What the real server answered for a database."""
    return [
        Answer(line["path"], b64decode(line["request"]), b64decode(line["response"]))
        for line in _lines(f"{name}.answers")
    ]
