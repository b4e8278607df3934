"""After any calls, a restart on a real file finds what was in memory: the same records, byte for byte."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from bbs.layouts.contract import Unrepresentable
from bbs.layouts.registry import layouts
from bbs.master.committer import Committer
from bbs.master.election import claim, first_anchor, first_liveness
from bbs.master.encoder import Encoder
from bbs.master.lease import Lease
from bbs.master.loading import load
from bbs.master.memory import Memory
from bbs.master.pipeline import Pipeline
from bbs.models.index import index
from bbs.models.state import Context
from bbs.stores.anchor import Version
from bbs.stores.contract import Claim
from bbs.stores.sqlite import SQLiteStore
from tests.master.reign import TIMES, contents, place
from tests.master.virtual import VirtualClock
from tests.models.board import BY_PATH
from tests.models.calls import CALLS, Call

VERSIONS = st.sampled_from([0, 1451635200, 4_000_000_001])


async def served(file: Path, version: int, calls: list[Call]) -> set[tuple[str, str, bytes, int]]:
    """What a master has in memory after those calls, all of which are durable then."""
    store, clock, numbers = SQLiteStore(file, timeout=5.0), VirtualClock(), count(1)
    anchor = first_anchor("store-1", "standalone", Version(version), f"v{version}@1-0", "")
    held = await claim(
        store, clock, Claim(None, None, anchor, first_liveness(anchor, "bbs/1", "https://bbs", TIMES.ttl))
    )
    assert held is not None
    lease = Lease(clock, TIMES, held.started)
    committer = Committer(store, clock, lease, held.anchor, lambda: f"b-{next(numbers)}")
    where, memory = place(held.anchor), Memory(index)
    pipeline = Pipeline(
        memory,
        committer,
        Encoder(where.layout, where.root, where.cipher, store.limits),
        lease,
        lambda: Context(1_700_000_000_000_000_000 + next(numbers), 0, lambda: f"epoch-{next(numbers)}", frozenset()),
    )
    writer = asyncio.ensure_future(pipeline.run())
    for path, body in calls:
        route = BY_PATH[f"/v1{path}"]
        assert route.kind == "transition"
        with suppress(Unrepresentable):  # an old layout may have no place for a record; then nothing of it is kept
            await asyncio.wait_for(pipeline.submit(route.handle(body)), 10)
    writer.cancel()
    await asyncio.gather(writer, return_exceptions=True)
    await store.close()
    return contents(memory)


async def reloaded(file: Path) -> set[tuple[str, str, bytes, int]]:
    """What another process finds in the file."""
    store = SQLiteStore(file, timeout=5.0)
    memory = await load(store, place, index)
    await store.close()
    assert memory is not None
    assert not memory.unreadable
    return contents(memory)


@settings(max_examples=25, deadline=None)
@given(version=VERSIONS, calls=st.lists(CALLS, min_size=5, max_size=40))
def test_a_restart_finds_what_was_in_memory(version: int, calls: list[Call]) -> None:
    assert version in layouts()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bbs.sqlite"
        assert asyncio.run(served(file, version, calls)) == asyncio.run(reloaded(file))
