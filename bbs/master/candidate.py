"""The candidate: from a sighting of a silent store to an epoch of ours, or to the reason why not."""

from __future__ import annotations

from dataclasses import replace

from bbs.master.election import Held, claim, first_anchor, first_liveness, next_epoch
from bbs.master.parts import Parts
from bbs.master.watch import Sighting
from bbs.migration.decide import Abilities, Identity, ShutDown, Stored, adopted_version, decide
from bbs.migration.move import standing
from bbs.stores.anchor import Anchor, Version, Wanted, version_record
from bbs.stores.contract import Claim, Survey
from bbs.stores.roots import TABLES


class Candidate:
    """Stands for election, once per call; each attempt has an id of its own."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._attempts = 0

    async def stand(self, sighting: Sighting) -> Held | ShutDown | None:
        """Decide on what is there and claim it. None: something moved, watch anew. Raises StoreError."""
        identity, can = self._parts.identity(), self._parts.abilities()
        anchor, survey = await self._look()
        if anchor is None and _upstreams(survey, can):
            return await self._adopt(sighting, identity, can)
        return await self._stand(sighting, anchor, survey, identity, can)

    async def _adopt(self, sighting: Sighting, identity: Identity, can: Abilities) -> Held | ShutDown | None:
        async with self._parts.upstream_lock() as reason:
            if reason is not None:
                return _not_alone(reason)
            # A Go BBS may have written, or migrated, until the lock was ours: only what is read now counts.
            return await self._stand(sighting, *await self._look(), identity, can)

    async def _look(self) -> tuple[Anchor | None, Survey]:
        async with self._parts.store.snapshot() as snapshot:
            return await snapshot.anchor(), await snapshot.survey()

    async def _stand(
        self, sighting: Sighting, anchor: Anchor | None, survey: Survey, identity: Identity, can: Abilities
    ) -> Held | ShutDown | None:
        parts = self._parts
        base = standing(anchor, parts.landing)
        if isinstance(base, ShutDown):
            return base
        if base is not None and anchor is not None and base is not anchor:
            survey = _as_arrived(anchor, base, survey)
        decision = decide(base, survey, identity, can)
        if isinstance(decision, ShutDown):
            return decision
        taken = self._next(base, survey, identity, can)
        self._attempts += 1
        holder = f"{parts.settings.member}/{parts.settings.life}/{self._attempts}"
        liveness = first_liveness(taken, holder, parts.settings.url, parts.times.ttl)
        held = await claim(parts.store, parts.clock, Claim(anchor, sighting.liveness, taken, liveness))
        if held is not None:
            parts.journal("claimed", epoch=taken.epoch, seq=taken.seq)
            if not identity.adopted:
                parts.adopted(taken.store_id)
        return held

    def _next(self, anchor: Anchor | None, survey: Survey, identity: Identity, can: Abilities) -> Anchor:
        owner = self._parts.settings.owner
        if anchor is not None:
            return next_epoch(anchor, owner)
        store_id = identity.store_id or self._parts.new_id()
        key = self._parts.keys.active_label() or ""
        found = adopted_version(survey, can)
        if isinstance(found, Stored):
            label = survey.key_label.decode() if survey.key_label else None
            return first_anchor(store_id, owner, found.version, found.root, label or key).change(key_label=label)
        version = can.newest if can.initial_version is None else can.initial_version
        root = can.natural_roots.get(version) or f"v{version}@1-0"
        new = first_anchor(store_id, owner, Version(version), root, key)
        # Version 0 is never encrypted; in any other, all records there will ever be are sealed with this key.
        label = key if key and version else None
        return new.change(wanted=Wanted(version, 1) if can.managed else None, key_label=label)


def _as_arrived(anchor: Anchor, rolled: Anchor, survey: Survey) -> Survey:
    """The version record changes with the claim: what stood there before is looked at here."""
    if survey.version_record != version_record(anchor):
        return survey
    return replace(survey, version_record=version_record(rolled))


def _upstreams(survey: Survey, can: Abilities) -> bool:
    """Whether a store without an anchor is a Go BBS's database that may be adopted."""
    found = adopted_version(survey, can)
    return isinstance(found, Stored) and found.root == TABLES


def _not_alone(reason: str) -> ShutDown:
    return ShutDown(
        "UpstreamMayServe",
        f"the database is a Go BBS's, and its lock `bbs` in Locket is not ours: {reason}",
        "stop every Go BBS, and configure as locket_address the Locket that they used",
    )
