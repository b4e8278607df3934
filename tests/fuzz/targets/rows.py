"""The record decoders of all layouts. Input: number of a layout, whether to seal, number of a kind, then a payload.

A record of several rows has the payload cut in halves, and an older layout's row may hold anything a newer one's does.
"""

from __future__ import annotations

from bbs.encryption import Keyring, KeyringCipher, PlainCipher
from bbs.layouts.contract import Layout, Row, Undecodable, Unrepresentable
from bbs.layouts.registry import layouts
from bbs.models.index import indexed
from bbs.models.records import Kind, Presence, Record, actual_lrp_key
from tests.fuzz.corpus import BIGGEST, records
from tests.fuzz.target import Target
from tests.layouts.upstream_databases import DATABASES, KEYS, rows

LAYOUTS: list[Layout] = list(layouts().values())
KEYRING = KeyringCipher(Keyring(KEYS, "key1"), bytes)
PLACES = [
    (Kind.DOMAINS, "d"),
    (Kind.DESIRED_LRPS, "pg-1"),
    (Kind.TASKS, "t-1"),
    *((Kind.ACTUAL_LRPS, actual_lrp_key("pg-1", 0, presence)) for presence in Presence),
]
CIPHERS = (PlainCipher(), KEYRING)
BETWEEN = b"\n\0\n"
"""What stands between the values of a record's rows."""


def check(data: bytes) -> None:
    """A record that memory takes, or Undecodable; what was read once is read the same for ever."""
    head, payload = data[:3].ljust(3, b"\0"), data[3:]
    layout, (kind, key) = LAYOUTS[head[0] % len(LAYOUTS)], PLACES[head[2] % len(PLACES)]
    cipher = CIPHERS[head[1] >> 1 & 1]
    values = payload.split(BETWEEN)
    sealed = [cipher.seal(value) if head[1] & 1 else value for value in values]
    keys = layout.row_keys(kind, key)
    found = [Row(row_key, sealed[at % len(sealed)], head[1]) for at, row_key in enumerate(keys)]
    for row in found:
        try:
            layout.sealed_with(row)
        except Undecodable:
            continue
    try:
        record = layout.decode(kind, key, found, cipher)
    except Undecodable:
        return
    assert (record.kind, record.key) == (kind, key)
    try:
        indexed(record)
    except ValueError:
        return
    require_stable(layout, record)


def require_stable(layout: Layout, record: Record) -> None:
    """Memory is what a reload would give: what a layout has given once, it gives again."""
    try:
        once = layout.decode(record.kind, record.key, layout.encode(record, CIPHERS[0]), CIPHERS[0])
        again = layout.decode(record.kind, record.key, layout.encode(once, CIPHERS[0]), CIPHERS[0])
    except Unrepresentable:
        return
    assert once == again, f"data version {layout.version} changes {record.key} each time it is read"
    layout.loses(record)


def _seeds() -> list[bytes]:
    made = []
    for number, layout in enumerate(LAYOUTS):
        for record in records():
            try:
                encoded = layout.encode(record, CIPHERS[0])
            except Unrepresentable:
                continue
            opened = BETWEEN.join(row.value if b'"' in row.value else CIPHERS[0].open(row.value) for row in encoded)
            place = next(at for at, (kind, _) in enumerate(PLACES) if kind is record.kind)
            if encoded and len(opened) < BIGGEST:
                made.append(bytes((number, int(b'"' not in encoded[0].value), place)) + opened)
    return made + _upstream()


def _upstream() -> list[bytes]:
    numbers = {layout.version: number for number, layout in enumerate(LAYOUTS)}
    return [
        bytes((numbers[version], 2, at)) + row.value
        for name, version in DATABASES.items()
        for row in rows(name)[::20]
        for at, (kind, _) in enumerate(PLACES)
        if row.key.startswith(f"{kind.value}/")
    ]


TARGET = Target(
    "rows",
    "a row is a record that memory takes, or Undecodable with a reason",
    _seeds(),
    check,
    words=(
        b"pg-1",
        b"t-1",
        b"\x0a\x04pg-1",
        b"\x12\x03t-1",
        b'"process_guid":"pg-1"',
        b'"state":',
        b"02",
        b"01",
        BETWEEN,
    ),
    messages=3,
    weight=3,
)
