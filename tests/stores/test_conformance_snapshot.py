"""What every store promises about snapshots: one moment, fresh, in bounded pages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bbs.layouts.contract import Row
from bbs.stores.contract import DeleteRange, PutRow, Store
from tests.stores.conformance import LIVE, adopt, anchor_of, apply, apply_all, stored

MANY = 100_000
PAGE_BYTES = 16_000_000


async def test_a_snapshot_sees_every_commit_acknowledged_before_it(opened: Callable[[], Store]) -> None:
    writer, reader = opened(), opened()
    anchor = await adopt(writer)
    for number in range(10):
        anchor = await apply(writer, anchor, PutRow(LIVE, Row("tasks/t", str(number).encode())))
        assert await anchor_of(reader) == anchor
        assert [row.value for row in await stored(reader)] == [str(number).encode()]


async def test_writes_during_a_scan_are_unseen(opened: Callable[[], Store]) -> None:
    writer, reader = opened(), opened()
    rows = [Row(f"tasks/{number:05}", bytes(500), number % 3) for number in range(6000)]
    anchor = await apply_all(writer, await adopt(writer), LIVE, rows)
    async with reader.snapshot() as snapshot:
        seen, pages = [], 0
        async for page in snapshot.scan(LIVE):
            seen += page
            pages += 1
            if pages == 1:
                last = await apply(
                    writer,
                    anchor,
                    DeleteRange(LIVE, "tasks/05000", "tasks/06000"),
                    PutRow(LIVE, Row("tasks/00001", b"new")),
                )
        assert pages > 1
        assert seen == rows
        assert await snapshot.anchor() == anchor
        assert await snapshot.rows(LIVE, ["tasks/00001", "tasks/05500"]) == [rows[1], rows[5500]]
    assert await anchor_of(reader) == last


async def test_several_snapshots_stand_side_by_side(store: Store) -> None:
    first = await apply(store, await adopt(store), PutRow(LIVE, Row("a", b"1")))
    async with store.snapshot() as one:
        second = await apply(store, first, PutRow(LIVE, Row("a", b"2")))
        async with store.snapshot() as two:
            assert (await one.anchor(), await two.anchor()) == (first, second)
            assert [row.value for row in await one.rows(LIVE, ["a"])] == [b"1"]
            assert [row.value for row in await two.rows(LIVE, ["a"])] == [b"2"]


async def test_a_root_that_is_absent_scans_as_empty(store: Store) -> None:
    assert await stored(store, "v0@3-3") == []
    await adopt(store)
    assert await stored(store, "v0@3-3") == []


async def test_a_hundred_thousand_rows_come_back_in_bounded_pages(store: Store) -> None:
    keys = [
        f"{kind}/app-{number:06}-{'x' * (number % 7)}"
        for number in range(MANY // 2)
        for kind in ("desired_lrps", "tasks")
    ]
    rows = [Row(key, key.encode() * 3, len(key) if index % 100 == 0 else 0) for index, key in enumerate(keys)]
    await apply_all(store, await adopt(store), LIVE, rows)
    count = 0
    async with store.snapshot() as snapshot, asyncio.timeout(60):
        wanted = iter(sorted(rows))
        async for page in snapshot.scan(LIVE):
            assert 0 < len(page) <= 10_000
            assert sum(len(row.value) for row in page) < PAGE_BYTES
            assert all(row == next(wanted) for row in page)
            count += len(page)
    assert count == MANY


async def test_pages_of_big_rows_are_bounded_too(store: Store) -> None:
    rows = [Row(f"tasks/{number:03}", bytes([number % 256]) * 200_000) for number in range(200)]
    anchor = await adopt(store)
    for row in rows:
        anchor = await apply(store, anchor, PutRow(LIVE, row))
    seen: list[Row] = []
    async with store.snapshot() as snapshot:
        async for page in snapshot.scan(LIVE):
            assert sum(len(row.value) for row in page) < 2 * PAGE_BYTES
            seen += page
    assert seen == rows
