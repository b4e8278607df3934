"""The durable intent: one transition that is too large for one commit.

Its changes are written in unfenced chunks under a name used once; ONE commit names them in the anchor, and that is the
commit point. Then they are applied in fenced slices, idempotently, and the last slice clears the name. No other commit
comes between. Whoever takes over applies a named intent again, from the first slice.

Source: docs/reference/pipeline.md.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bbs.master.chain import decode_changes, encode_changes
from bbs.master.committer import Committer, Draft, EpochLost
from bbs.master.encoder import Encoded, Encoder, slices
from bbs.models.records import Mutation
from bbs.stores.anchor import Anchor
from bbs.stores.contract import DeleteIntent, Snapshot, StoreFull, StoreRefused, StoreUnavailable, Write

CHUNK = 256 * 1024

Commit = Callable[[Callable[[Anchor], Draft]], Awaitable[Anchor]]


async def commit_large(committer: Committer, encoded: Encoded) -> None:
    """Make `encoded` durable, whatever its size. Raises as Committer.commit."""
    changes = encode_changes(encoded.mutations)
    name = f"{committer.anchor.epoch}-{committer.new_id()}"
    for number, start in enumerate(range(0, len(changes), CHUNK)):
        await _put_chunk(committer, name, number, changes[start : start + CHUNK])
    async with committer.undivided() as commit:
        await commit(lambda _: Draft(changes=changes, members={"intent": name}))
        await _apply(committer, commit, name, encoded.writes)


async def _put_chunk(committer: Committer, name: str, number: int, chunk: bytes) -> None:
    while True:
        try:
            return await committer.store.put_chunk(name, number, chunk)
        except StoreUnavailable:
            # The name is used once and nothing refers to it yet: writing it again changes nothing. A holder that is
            # no longer one learns it from this commit, which changes nothing but the sequence.
            await committer.commit(lambda _: Draft())


async def _apply(committer: Committer, commit: Commit, name: str, writes: tuple[Write, ...]) -> None:
    *first, last = slices(writes, committer.store.limits)
    for piece in first:
        await _insist(committer, commit, Draft(writes=piece))
    await _insist(committer, commit, Draft(writes=(*last, DeleteIntent(name)), members={"intent": None}))


async def _insist(committer: Committer, commit: Commit, draft: Draft) -> None:
    """Past the commit point nothing may be given back: wait for room, and leave anything else to the next holder."""
    while True:
        try:
            await commit(lambda _: draft)
        except StoreFull:
            await committer.pause()
        except StoreRefused as refusal:
            raise EpochLost(True, None) from refusal
        else:
            return


async def named_changes(snapshot: Snapshot, name: str) -> list[Mutation]:
    """The changes of an intent that an anchor names."""
    return decode_changes(b"".join(await snapshot.chunks(name)))


async def replay(committer: Committer, encoder: Encoder) -> None:
    """After a take-over: finish the intent that the anchor names, and remove chunks that nothing names."""
    name = committer.anchor.intent
    async with committer.store.snapshot() as snapshot:
        left = await snapshot.intents()
        mutations = [] if name is None else await named_changes(snapshot, name)
    async with committer.undivided() as commit:
        if name is not None:
            await _apply(committer, commit, name, encoder.encode(mutations).writes)
        for orphan in sorted(left - {name}):
            await _insist(committer, commit, Draft(writes=(DeleteIntent(orphan),)))
