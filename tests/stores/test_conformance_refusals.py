"""What every store refuses, definitely and with nothing written; and what a closed store says."""

from __future__ import annotations

import pytest

from bbs.layouts.contract import Row
from bbs.stores.admission import TOUCHED_BYTES
from bbs.stores.contract import (
    DeleteIntent,
    DeleteRange,
    DeleteRow,
    DropRoot,
    PutRow,
    Store,
    StoreRefused,
    StoreUnavailable,
    Write,
)
from tests.stores.conformance import LIVE, STAGED, adopt, after, anchor_of, apply, first_anchor, stored


async def test_a_commit_filled_to_every_limit_is_applied(store: Store) -> None:
    operations, payload, key_bytes, _ = store.limits
    names = [f"{number:05}".ljust(key_bytes, "k") for number in range(operations)]
    room = payload // operations
    assert room > 0
    anchor = await adopt(store)
    anchor = await apply(store, anchor, *(PutRow(LIVE, Row(name, bytes(room), 9)) for name in names))
    assert len(await stored(store)) == operations
    writes = [*(PutRow(LIVE, Row(name, b"")) for name in names), DeleteIntent("1-x")]
    await apply(store, anchor, *writes, touched=bytes(TOUCHED_BYTES))
    assert {row.value for row in await stored(store)} == {b""}


async def test_one_row_of_the_greatest_size_is_applied_alone(store: Store) -> None:
    """No intent could be applied whose greatest row were refused."""
    row = Row("k" * store.limits.key_bytes, bytes(store.limits.row_bytes), 1)
    await apply(store, await adopt(store), PutRow(LIVE, row), DeleteIntent("1-x"))
    assert await stored(store) == [row]


@pytest.mark.parametrize("write", [DeleteRange(LIVE, "a", "b"), DropRoot(STAGED)])
async def test_every_kind_of_write_counts_as_one_operation(store: Store, write: Write) -> None:
    await apply(store, await adopt(store), *([write] * store.limits.operations), touched=b"t")


def _refused(store: Store) -> dict[str, tuple[Write, ...]]:
    operations, payload, key_bytes, row_bytes = store.limits
    row = PutRow(LIVE, Row("a", b"01"))
    return {
        "too many": tuple(PutRow(LIVE, Row(str(number), b"")) for number in range(operations + 1)),
        "too big": (PutRow(LIVE, Row("a", bytes(payload))), PutRow(LIVE, Row("b", b"1"))),
        "row too big": (PutRow(LIVE, Row("a", bytes(row_bytes + 1))),),
        "key too long": (PutRow(LIVE, Row("k" * (key_bytes + 1), b"")),),
        "no key": (PutRow(LIVE, Row("", b"")),),
        "twice": (row, row),
        "put and deleted": (row, DeleteRow(LIVE, "a")),
        "in a deleted range": (row, DeleteRange(LIVE, "a", "b")),
        "in a dropped root": (DropRoot(LIVE), row),
        "dropped unannounced": (DropRoot(STAGED),),
        "no root": (PutRow("v1; DROP TABLE x", row.row),),
        "touched": (),
        "surrogate": (PutRow(LIVE, Row("\ud800", b"")),),
        "deadline": (PutRow(LIVE, Row("a", b"", -1)),),
    }


async def test_refusals_are_definite_and_write_nothing(store: Store) -> None:
    anchor = await adopt(store, first_anchor().change(dropping=(LIVE,)))
    for reason, writes in _refused(store).items():
        touched = bytes(TOUCHED_BYTES + 1) if reason == "touched" else None
        with pytest.raises(StoreRefused):
            await store.commit(after(anchor, *writes, touched=touched))
        assert (reason, await anchor_of(store), await stored(store)) == (reason, anchor, [])


async def test_a_chunk_beyond_the_payload_is_refused(store: Store) -> None:
    await store.put_chunk("1-a", 0, bytes(store.limits.payload_bytes))
    with pytest.raises(StoreRefused):
        await store.put_chunk("1-a", 1, bytes(store.limits.payload_bytes + 1))


async def test_a_closed_store_answers_unavailable(store: Store) -> None:
    anchor = await adopt(store)
    await store.close()
    await store.close()
    with pytest.raises(StoreUnavailable):
        await store.commit(after(anchor))
    with pytest.raises(StoreUnavailable):
        await store.read_liveness()
    with pytest.raises(StoreUnavailable):
        await anchor_of(store)
