"""The oracle: what must hold, checked at the store, where nobody can talk himself out of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from bbs.layouts.contract import Row, Undecodable
from bbs.layouts.registry import layouts
from bbs.layouts.upstream_tables import NEWEST
from bbs.models.records import Kind
from bbs.stores.anchor import Anchor, handed_back
from bbs.stores.contract import (
    Applied,
    Claim,
    Claimed,
    Commit,
    CommitOutcome,
    Conflict,
    DeleteRange,
    DeleteRow,
    Deposed,
    DropRoot,
    NotClaimed,
    PutRow,
    Renewed,
    StoreRefused,
)
from bbs.stores.roots import TABLES
from tests.simulation.keys import READER
from tests.simulation.model import ABSENT, Model, number_of
from tests.simulation.tables import POISON, Tables
from tests.simulation.world import World


def content(rows: Iterable[Row], version: int) -> dict[tuple[Kind, str], int]:
    """The numbers that the records of a root carry, by key; what does not decode is left out."""
    parts: dict[tuple[Kind, str], list[Row]] = {}
    for row in rows:
        located = _located(version, row.key)
        if located is not None:
            parts.setdefault(located, []).append(row)
    numbers: dict[tuple[Kind, str], int] = {}
    for (kind, key), found in parts.items():
        number = _number(version, kind, key, tuple(found))
        if number is not None:
            numbers[kind, key] = number
    return numbers


@lru_cache(maxsize=10_000)
def _located(version: int, key: str) -> tuple[Kind, str] | None:
    return layouts()[version].locate(key)


@lru_cache(maxsize=20_000)
def _number(version: int, kind: Kind, key: str, rows: tuple[Row, ...]) -> int | None:
    """Rows stay the same for long, and are looked at after each commit."""
    try:
        return number_of(layouts()[version].decode(kind, key, rows, READER))
    except Undecodable:
        return None


@lru_cache(maxsize=20_000)
def _sealed(version: int, row: Row) -> frozenset[str]:
    try:
        return layouts()[version].sealed_with(row)
    except Undecodable:
        return frozenset()


def sealed(rows: Iterable[Row], version: int) -> Counter[str]:
    """Records by the keys that their rows bear, but for what a stranger put there."""
    known = [row for row in rows if not row.key.endswith("/bad")]
    return Counter(
        label for label, _ in {(label, _located(version, row.key)) for row in known for label in _sealed(version, row)}
    )


MOMENTS = 300
"""States of the live root that are kept, by digest: as many as a standby may be behind."""


class WatchedTables(Tables):
    """Tables that look at every change before and after it is made."""

    def __init__(self, world: World, model: Model) -> None:
        super().__init__()
        self.world = world
        self.model = model
        self.caller: tuple[str, int] = ("", 0)
        self.nodes: dict[str, Any] = {}
        self.writers: dict[int, tuple[str, int]] = {}
        self.told: dict[str, int] = {}
        self.given: dict[tuple[Kind, str], int] | None = None
        self.decided_on: dict[str, set[str | None]] = {}
        self.moments: dict[str, dict[tuple[Kind, str], int]] = {}
        self.tampering = 0.0
        self.online = False
        self.begun: dict[str, tuple[int, bool]] = {}

    def copy(self) -> Tables:
        plain = Tables(self.anchor, self.liveness, self.version_record, self.key_label, self.touched)
        plain.rows = {root: dict(rows) for root, rows in self.rows.items()}
        plain.chunks = {name: dict(chunks) for name, chunks in self.chunks.items()}
        return plain

    def live(self) -> dict[tuple[Kind, str], int]:
        """What the live root says now."""
        assert self.anchor is not None
        return content(self.rows.get(self.anchor.live.root, {}).values(), self.anchor.live.layout)

    def labels(self) -> Counter[str]:
        """The keys that the rows of the live root bear."""
        assert self.anchor is not None
        return sealed(self.rows.get(self.anchor.live.root, {}).values(), self.anchor.live.layout)

    # --- claims -------------------------------------------------------------------------------------------------------

    def claim(self, claim: Claim) -> Claimed | NotClaimed:
        outcome = super().claim(claim)
        if isinstance(outcome, Claimed):
            self.world.counts["claims"] += 1
            self._has_every_key()
            self.world.promise(
                self.given is None or self.caller[0] not in self.nodes,
                "nobody serves what was given away",
                f"{self.caller} claims epoch {claim.anchor.epoch}",
            )
            for node in self.nodes.values():
                ruler = node.member.ruler if node.process.alive else None
                if ruler is not None and node.name != self.caller[0]:
                    self.world.promise(
                        not ruler.lease.holds(),
                        "no claim while a lease holds",
                        f"{node.name} holds epoch {ruler.anchor.epoch}, {self.caller} claimed {claim.anchor.epoch}",
                    )
        return outcome

    def _has_every_key(self) -> None:
        node = self.nodes.get(self.caller[0])
        if node is not None and node.process.alive and node.lives == self.caller[1]:
            missing = set(self.labels()) - {""} - node.keys.loaded()
            self.world.promise(not missing, "who stands has every key in use", f"{node.name} lacks {sorted(missing)}")

    def renew(self, epoch: int, holder: str, counter: int) -> Renewed | Deposed:
        before = self.liveness
        outcome = super().renew(epoch, holder, counter)
        after = self.liveness
        if before is not None and after is not None and before.epoch == after.epoch:
            self.world.promise(
                after.counter >= before.counter,
                "a liveness value that was replaced never comes back",
                f"epoch {after.epoch}: counter {before.counter}, then {after.counter}",
            )
        return outcome

    # --- commits ------------------------------------------------------------------------------------------------------

    def commit(self, commit: Commit) -> CommitOutcome:
        before = self.anchor
        if self.tampering and self.world.random.random() < self.tampering:
            commit = self._tampered(commit)
        moves = before is not None and (commit.anchor.live, commit.anchor.moved_to) != (before.live, before.moved_to)
        old = self.live() if before is not None and moves and before.fence == commit.expected.fence else {}
        try:
            outcome = super().commit(commit)
        except StoreRefused:
            self.world.counts["refused contents"] += 1
            raise
        if isinstance(outcome, Conflict):
            deposed = outcome.seen is not None and outcome.seen.epoch > commit.anchor.epoch
            self.world.counts["deposed commits refused"] += deposed
        if before is not None and isinstance(outcome, Applied) and self.anchor is not before:
            self._applied(before, commit, old)
        return outcome

    def _tampered(self, commit: Commit) -> Commit:
        """A disk that forgets one staged row and says nothing."""
        if commit.anchor.migration is None or not commit.writes or not isinstance(commit.writes[0], PutRow):
            return commit
        if commit.writes[0].root != commit.anchor.migration.staged_root:
            return commit
        self.world.counts["staged rows lost by the engine"] += 1
        return Commit(commit.expected, commit.anchor, commit.writes[1:])

    def _remember(self, anchor: Anchor) -> None:
        """What the live root says at this digest; not while an intent is still to be applied."""
        if anchor.intent is None:
            self.moments[anchor.digest] = self.live()
            while len(self.moments) > MOMENTS:
                del self.moments[next(iter(self.moments))]

    def _applied(self, before: Anchor, commit: Commit, old: dict[tuple[Kind, str], int]) -> None:
        after, promise = commit.anchor, self.world.promise
        writer = self.writers.setdefault(after.epoch, self.caller)
        promise(writer == self.caller, "one writer per epoch", f"epoch {after.epoch}: {writer} and {self.caller}")
        promise(after.seq == before.seq + 1, "one writer per epoch", f"seq {before.seq} -> {after.seq}")
        self._remember(after)
        self._root_is_whole(before, commit)
        self._keys_are_true(before, after)
        if after.moved_to is not None:
            self._given_away(before, commit, old)
        elif after.live != before.live:
            self._flipped(before, after, old)
        migration = after.migration
        if migration is not None and before.migration != migration and migration.state == "staging":
            self.world.counts["migrations begun"] += 1
            self.begun[migration.attempt] = (after.generation, after.online if after.wanted else self.online)
            failure = before.migration.failure if before.migration else None
            held = failure is not None and failure.generation == before.generation
            promise(not held, "a hold is kept", f"{migration.attempt} began while {failure} holds")
        if migration is not None and migration.failure is not None and before.migration != migration:
            self.world.counts["migrations held"] += 1
        if before.version.target is not None and after.version.target is None and after.live == before.live:
            self.world.counts["migrations abandoned"] += 1
        if after.wanted != before.wanted and after.live == before.live:
            assert after.wanted is not None
            told = self.told.get(after.wanted.token)
            promise(
                told is None or told == before.generation,
                "a target call is decided on what stands",
                f"generation {before.generation}, the call was decided on {told}",
            )
        if after.intent is None:
            self.model.whole(self.live(), promise)

    def _root_is_whole(self, before: Anchor, commit: Commit) -> None:
        """The live root changes by record commits alone, and not at all while a migration is under way offline."""
        attempt = before.migration
        under_way = attempt is not None and attempt.failure is None and before.intent is None
        offline = under_way and self.begun.get(attempt.attempt) == (before.generation, False)  # type: ignore[union-attr]
        for write in commit.writes:
            match write:
                case DropRoot(root=root) | DeleteRange(root=root):
                    self.world.promise(root != before.live.root, "the old root whole until the flip", f"{write}")
                case PutRow(root=root) | DeleteRow(root=root) if root == before.live.root:
                    self.world.counts["writes beside a migration"] += under_way
                    self.world.promise(not offline, "the old root whole until the flip", f"{write} beside {attempt}")
                case PutRow(row=row):
                    self.world.promise(POISON not in row.key, "no refused write served", row.key)

    def give_upstream_names(self, root: str) -> None:
        free = root not in self.rows or not self.rows.get(TABLES)
        self.world.promise(free, "upstream's names are free", f"{root} is to be renamed over {TABLES}")
        super().give_upstream_names(root)

    def _given_away(self, before: Anchor, commit: Commit, old: dict[tuple[Kind, str], int]) -> None:
        """From the mark on nothing is written; a Go BBS takes the store only once its records lie where it looks."""
        if before.moved_to is None:
            self.given = old
        self.world.promise(not commit.writes, "nothing is written to what was given away", f"{commit.writes[:2]}")
        if handed_back(commit.anchor):
            rows = self.rows.get(TABLES, {}).values()
            found, labels = content(rows, NEWEST), sealed(rows, NEWEST)
            whole = found == self.given and commit.anchor.version.current == NEWEST
            self.world.promise(whole, "a Go BBS finds its records", f"{len(found)} of {len(self.given or {})}")
            one = set(labels) <= {commit.anchor.key_label}
            self.world.promise(one, "a Go BBS has the key of every record", f"{commit.anchor.key_label}: {labels}")

    def _keys_are_true(self, before: Anchor, after: Anchor) -> None:
        labels, promise = self.labels(), self.world.promise
        if after.key_label:
            promise(not set(labels) - {after.key_label}, "the label record is true", f"{after.key_label}: {labels}")
        named = {*after.keys_in_use, after.active_key, after.key_label or "", ""}
        promise(not set(labels) - named, "every key in use is named", f"{sorted(named)}: {labels}")
        if before.active_key and after.active_key != before.active_key:
            told = self.decided_on.get(after.active_key, set())
            promise(
                before.active_key in told, "an activation is decided on what stands", f"{before.active_key}: {told}"
            )
        if after.key_label and not before.key_label:
            self.world.counts["rotations finished"] += 1

    def _flipped(self, before: Anchor, after: Anchor, old: dict[tuple[Kind, str], int]) -> None:
        self.world.counts["migrations flipped"] += 1
        self.world.counts["migrations flipped online"] += before.online if before.wanted else self.online
        self.world.counts["migrations flipped down"] += after.live.layout < before.live.layout
        new = self.live()
        self.world.promise(
            new == old, "version never ahead of its data", f"{len(old)} records before the flip, {len(new)} after"
        )
        self.model.check(new, self.world.promise)
        if before.wanted is not None:
            self.world.promise(
                before.wanted.version == after.live.layout,
                "a flip goes where it is wanted",
                f"wanted {before.wanted}, went to {after.live}",
            )


def standbys_hold_what_they_claim(tables: WatchedTables, world: World) -> None:
    """Memory that bears the digest of a moment is what the store held at that moment."""
    for node in tables.nodes.values():
        if not node.process.alive or node.member.ruler is not None:
            continue
        memory = node.member._follower.memory
        stored = None if memory is None else tables.moments.get(memory.digest)
        if memory is None or stored is None:
            continue
        if memory.unreadable:
            # It lacked a key when it loaded; with such a memory it takes nothing over.
            world.counts["standbys that could not read all"] += 1
            continue
        world.counts["standbys compared"] += 1
        held = {(r.kind, r.key): number_of(r) for r in memory.records()}
        world.promise(held == stored, "a standby holds what it claims", f"{node.name}: {_difference(held, stored)}")


def reload_equals_memory(tables: WatchedTables, world: World) -> None:
    """A serving master with nothing under way holds exactly what the store holds."""
    for node in tables.nodes.values():
        ruler = node.member.ruler if node.process.alive else None
        if ruler is None or ruler.pipeline is None or ruler.memory is None or tables.anchor is None:
            continue
        idle = ruler.pipeline._in_flight is None and not ruler.pipeline._building.items
        if not idle or ruler.anchor.fence != tables.anchor.fence or ruler.anchor.intent is not None:
            continue
        world.counts["reloads compared"] += 1
        memory = {(r.kind, r.key): number_of(r) for r in ruler.memory.records()}
        stored = tables.live()
        world.promise(memory == stored, "a reload equals memory", f"{node.name}: {_difference(memory, stored)}")


def counts_are_never_too_low(tables: WatchedTables, world: World) -> None:
    """A key that the master says no record bears is borne by none, nothing under way aside."""
    for node in tables.nodes.values():
        ruler = node.member.ruler if node.process.alive else None
        if ruler is None or ruler.rotation is None or ruler.rotation.counts is None or tables.anchor is None:
            continue
        if ruler.anchor.fence != tables.anchor.fence or ruler.anchor.intent is not None:
            continue
        world.counts["key counts compared"] += 1
        counts = ruler.rotation.counts
        low = {k: n for k, n in tables.labels().items() if k != tables.anchor.active_key and counts.get(k, 0) < n}
        world.promise(not low, "counts of keys are never too low", f"{node.name}: {counts}, stored {tables.labels()}")


def _difference(one: dict[Any, int], other: dict[Any, int]) -> str:
    keys = [key for key in {**one, **other} if one.get(key, ABSENT) != other.get(key, ABSENT)]
    return ", ".join(f"{key}: {one.get(key)} / {other.get(key)}" for key in keys[:3])


def stored_record(tables: WatchedTables, kind: Kind, key: str) -> int:
    """The number that the store holds for a key now."""
    return tables.live().get((kind, key), ABSENT)
