"""The claim: one attempt to take a store that was seen silent, released or never held.

Compares the anchor AND the liveness value that was watched, and replaces both: so a renewal that got through defeats
a late claim, and a claim defeats a late renewal. Source: docs/reference/fence.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from bbs.master.clock import Clock
from bbs.stores.anchor import Anchor, Live, Version
from bbs.stores.contract import Claim, Claimed, Liveness, Store, StoreError


@dataclass(frozen=True, slots=True)
class Held:
    """An epoch of ours. `replaced`: the anchor that the claim replaced. `started`: when the claim was first sent."""

    anchor: Anchor
    replaced: Anchor | None
    holder: str
    started: float


async def claim(store: Store, clock: Clock, wanted: Claim) -> Held | None:
    """Try once; None when something moved, or when it is unknown and our id does not stand in the liveness value."""
    started = clock.steady()
    try:
        outcome = await store.claim(wanted)
    except StoreError:
        return await _settled(store, wanted, started)
    if not isinstance(outcome, Claimed):
        return None
    return Held(wanted.anchor, wanted.expected_anchor, wanted.liveness.holder, started)


async def _settled(store: Store, wanted: Claim, started: float) -> Held | None:
    """An unknown claim counts only if liveness shows exactly the id of that attempt, and from its first sending."""
    try:
        seen = await store.read_liveness()
    except StoreError:
        return None
    if seen is None or (seen.epoch, seen.holder) != (wanted.liveness.epoch, wanted.liveness.holder):
        return None
    return Held(wanted.anchor, wanted.expected_anchor, wanted.liveness.holder, started)


def next_epoch(anchor: Anchor, owner: str, backend: str = "") -> Anchor:
    """The anchor as a claim writes it: a new epoch on the same sequence, the last batch id kept.

    The batch id stays, so that a deposed holder that repeats its last commit learns that it was applied.
    """
    return anchor.change(epoch=anchor.epoch + 1, owner=owner, backend=backend)


def first_anchor(store_id: str, owner: str, version: Version, root: str, key: str) -> Anchor:
    """The anchor of a store that has none yet."""
    return Anchor(
        store_id=store_id,
        owner=owner,
        epoch=1,
        seq=0,
        batch_id="",
        live=Live(version.current, root),
        version=version,
        digest="",
        active_key=key,
        key_label=None,
    )


def first_liveness(anchor: Anchor, holder: str, url: str, ttl: float) -> Liveness:
    """The liveness value that goes with a claim."""
    return Liveness(anchor.epoch, holder, url, 0, ttl)
