"""What every store promises about rows, ranges, roots and intents."""

from __future__ import annotations

from bbs.layouts.contract import Row
from bbs.stores.contract import DeleteIntent, DeleteRange, DeleteRow, DropRoot, PutRow, Store
from tests.stores.conformance import LIVE, STAGED, adopt, apply, apply_all, stored

ODD_KEYS = [
    " ",
    "desired/",
    "desired//x",
    "desired/%2F%00",
    "desired/'; DROP TABLE x; --",
    'desired/"quoted"',
    "desired/\\back\\slash",
    "desired/a\x00b",
    "desired/\x01\x7f",
    "desired/line\nfeed",
    "desired/*?[a-z]%_",
    "desired/ünï/日本/\U0001f680",
    "desired/\uffff",
    "@v1/..",
    "/leading",
    "~" * 1024,
]


async def test_rows_come_back_in_the_order_of_their_bytes(store: Store) -> None:
    rows = [Row(key, f"01{number}".encode(), number) for number, key in enumerate(ODD_KEYS)]
    await apply_all(store, await adopt(store), LIVE, rows)
    assert await stored(store) == sorted(rows, key=lambda row: row.key.encode())


async def test_rows_with_odd_keys_are_found_and_deleted_by_name(store: Store) -> None:
    rows = [Row(key, b"\x00\xff" + key.encode(), 7) for key in ODD_KEYS]
    anchor = await apply_all(store, await adopt(store), LIVE, rows)
    async with store.snapshot() as snapshot:
        assert await snapshot.rows(LIVE, [*ODD_KEYS, "absent"]) == rows
    for key in ODD_KEYS[1:]:
        anchor = await apply(store, anchor, DeleteRow(LIVE, key))
    assert await stored(store) == rows[:1]


async def test_a_key_that_is_no_utf8_comes_back_as_it_was(store: Store) -> None:
    key = b"desired/\xff\x80".decode("utf-8", "surrogateescape")
    anchor = await apply(store, await adopt(store), PutRow(LIVE, Row(key, b"01", 4)))
    assert await stored(store) == [Row(key, b"01", 4)]
    async with store.snapshot() as snapshot:
        assert await snapshot.rows(LIVE, [key]) == [Row(key, b"01", 4)]
    await apply(store, anchor, DeleteRange(LIVE, key, key))
    assert await stored(store) == []


async def test_a_value_may_be_empty(store: Store) -> None:
    await apply(store, await adopt(store), PutRow(LIVE, Row("domains/d", b"")))
    assert await stored(store) == [Row("domains/d", b"", 0)]


async def test_a_deadline_is_kept_changed_and_taken_away(store: Store) -> None:
    anchor = await adopt(store)
    for deadline in (1, 2**63 - 1, 0, 1_763_000_000_000_000_000):
        anchor = await apply(store, anchor, PutRow(LIVE, Row("domains/d", b"01", deadline)))
        assert await stored(store) == [Row("domains/d", b"01", deadline)]


async def test_a_deleted_rows_deadline_does_not_come_back(store: Store) -> None:
    anchor = await apply(store, await adopt(store), PutRow(LIVE, Row("domains/d", b"01", 99)))
    anchor = await apply(store, anchor, DeleteRow(LIVE, "domains/d"))
    await apply(store, anchor, PutRow(LIVE, Row("domains/d", b"01")))
    assert await stored(store) == [Row("domains/d", b"01", 0)]


async def test_deleting_what_is_absent_is_fine(store: Store) -> None:
    anchor = await adopt(store)
    await apply(
        store,
        anchor,
        DeleteRow(LIVE, "x"),
        DeleteRange(STAGED, "a", "z"),
        DropRoot("v0@1-9"),
        DeleteIntent("never"),
    )


async def test_a_range_is_deleted_with_both_its_ends(store: Store) -> None:
    rows = [Row(key, b"01", 5) for key in ("a", "b", "b\x00", "c", "c\x00", "d")]
    anchor = await apply_all(store, await adopt(store), LIVE, rows)
    anchor = await apply(store, anchor, DeleteRange(LIVE, "b", "c"))
    assert [row.key for row in await stored(store)] == ["a", "c\x00", "d"]
    await apply(store, anchor, PutRow(LIVE, Row("b", b"01")))
    assert (await stored(store))[1] == Row("b", b"01", 0)


async def test_a_range_of_one_root_leaves_the_other_roots_alone(store: Store) -> None:
    anchor = await adopt(store)
    for root in ("v1", LIVE, STAGED, "v1451635200@1-20", "v14516352000@1-2"):
        anchor = await apply(store, anchor, PutRow(root, Row("a", b"01", 3)))
    anchor = await apply(store, anchor, DeleteRange(STAGED, "", "\U0010ffff"))
    await apply(store, anchor, DropRoot(STAGED))
    assert await stored(store, STAGED) == []
    for root in ("v1", LIVE, "v1451635200@1-20", "v14516352000@1-2"):
        assert await stored(store, root) == [Row("a", b"01", 3)]


async def test_a_survey_names_the_roots_that_have_rows(store: Store) -> None:
    anchor = await adopt(store)
    roots = frozenset({"v1", LIVE, STAGED, "v0@1-7"})
    for root in roots:
        anchor = await apply(store, anchor, PutRow(root, Row("a", b"01")))
    async with store.snapshot() as snapshot:
        survey = await snapshot.survey()
    assert survey.roots == roots
    assert survey.foreign == ()
    anchor = await apply(store, anchor, DeleteRow(STAGED, "a"))
    await apply(store, anchor, DropRoot(STAGED))
    async with store.snapshot() as snapshot:
        assert (await snapshot.survey()).roots == roots - {STAGED}


async def test_a_survey_of_an_empty_store_is_empty_and_changes_nothing(store: Store) -> None:
    for _ in range(2):
        async with store.snapshot() as snapshot:
            survey = await snapshot.survey()
            assert (survey.roots, survey.version_record, survey.key_label, survey.foreign) == (
                frozenset(),
                None,
                None,
                (),
            )


async def test_the_chunks_of_an_intent_come_back_in_order(store: Store) -> None:
    await adopt(store)
    for index in (2, 0, 10, 1):
        await store.put_chunk("1-batch", index, b"chunk %d" % index)
    await store.put_chunk("1-batch2", 0, b"other")
    await store.put_chunk("1-batch", 2, b"chunk 2")
    async with store.snapshot() as snapshot:
        assert await snapshot.chunks("1-batch") == [b"chunk 0", b"chunk 1", b"chunk 2", b"chunk 10"]
        assert await snapshot.intents() == {"1-batch", "1-batch2"}
        assert await snapshot.chunks("absent") == []


async def test_a_commit_deletes_the_chunks_of_one_intent(store: Store) -> None:
    anchor = await adopt(store)
    await store.put_chunk("1-a", 0, b"a")
    await store.put_chunk("1-ab", 0, b"ab")
    await apply(store, anchor, DeleteIntent("1-a"))
    async with store.snapshot() as snapshot:
        assert await snapshot.intents() == {"1-ab"}
        assert await snapshot.chunks("1-a") == []


async def test_the_record_of_touched_keys_is_replaced_only_when_given(store: Store) -> None:
    anchor = await apply(store, await adopt(store), touched=b"[1]")
    anchor = await apply(store, anchor)
    async with store.snapshot() as snapshot:
        assert await snapshot.touched() == b"[1]"
    await apply(store, anchor, touched=b"[2]")
    async with store.snapshot() as snapshot:
        assert await snapshot.touched() == b"[2]"
