"""What a simulated store holds, and the comparisons it makes; no delay, no fault, no time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bbs.layouts.contract import Row
from bbs.stores.admission import admit
from bbs.stores.anchor import Anchor, handed_back, key_label_record, version_record
from bbs.stores.contract import (
    Applied,
    AppliedAndDeposed,
    Claim,
    Claimed,
    Commit,
    CommitOutcome,
    Conflict,
    DeleteIntent,
    DeleteRange,
    DeleteRow,
    Deposed,
    DropRoot,
    Limits,
    Liveness,
    NotClaimed,
    PutRow,
    Renewed,
    StoreFull,
    StoreRefused,
    Survey,
)
from bbs.stores.roots import TABLES

LIMITS = Limits(operations=12, payload_bytes=8_000, key_bytes=1280, row_bytes=8_000)
POISON = "poison"
"""A row whose key holds this word is refused by the simulated engine: a definite refusal of content."""


@dataclass
class Tables:
    """The rows, the anchor and the liveness value of one store."""

    anchor: Anchor | None = None
    liveness: Liveness | None = None
    version_record: bytes | None = None
    key_label: bytes | None = None
    touched: bytes | None = None
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    chunks: dict[str, dict[int, bytes]] = field(default_factory=dict)
    full: bool = False
    limits: Limits = LIMITS

    def copy(self) -> Tables:
        """The state of one moment."""
        return replace(
            self,
            rows={root: dict(rows) for root, rows in self.rows.items()},
            chunks={name: dict(chunks) for name, chunks in self.chunks.items()},
        )

    def survey(self) -> Survey:
        """See Snapshot."""
        return Survey(frozenset(root for root, rows in self.rows.items() if rows), self.version_record, self.key_label)

    def claim(self, claim: Claim) -> Claimed | NotClaimed:
        """See Store."""
        fence = claim.expected_anchor.fence if claim.expected_anchor else None
        if (self.anchor.fence if self.anchor else None) != fence or self.liveness != claim.expected_liveness:
            return NotClaimed()
        self.anchor, self.liveness = claim.anchor, claim.liveness
        self._keep_records_true()
        return Claimed()

    def renew(self, epoch: int, holder: str, counter: int) -> Renewed | Deposed:
        """See Store."""
        now = self.liveness
        if now is None or (now.epoch, now.holder) != (epoch, holder) or now.released:
            return Deposed(now)
        if now.counter == counter + 1:
            return Renewed(repeated=True)
        if now.counter != counter:
            return Deposed(now)
        self.liveness = replace(now, counter=counter + 1)
        return Renewed()

    def release(self, epoch: int, holder: str) -> Renewed | Deposed:
        """See Store."""
        now = self.liveness
        if now is None or (now.epoch, now.holder) != (epoch, holder):
            return Deposed(now)
        self.liveness = replace(now, released=True)
        return Renewed()

    def commit(self, commit: Commit) -> CommitOutcome:
        """See Store."""
        if self.anchor is None or self.anchor.fence != commit.expected.fence:
            return self._repeated(commit)
        if self.full:
            msg = "the simulated disk is full"
            raise StoreFull(msg)
        self._refuse(commit)
        for write in commit.writes:
            self._write(write)
        self.anchor = commit.anchor
        if commit.touched is not None:
            self.touched = commit.touched
        self._keep_records_true()
        return Applied()

    def give_upstream_names(self, root: str) -> None:
        """See Returnable: names that are in use are not given, and a name that is gone was given before."""
        if root in self.rows and self.rows.get(TABLES):
            msg = f"{root} can't be renamed: {TABLES} is in use"
            raise StoreRefused(msg)
        if root in self.rows:
            self.rows[TABLES] = self.rows.pop(root)

    def forget(self) -> None:
        """See Returnable."""
        if self.anchor is not None and not handed_back(self.anchor):
            msg = "the store was not handed back"
            raise StoreRefused(msg)
        self.anchor = self.liveness = self.touched = None
        self.chunks.clear()

    def _repeated(self, commit: Commit) -> CommitOutcome:
        if self.anchor is not None and self.anchor.batch_id == commit.anchor.batch_id:
            same = self.anchor.epoch == commit.anchor.epoch
            return Applied() if same else AppliedAndDeposed(self.anchor)
        return Conflict(self.anchor)

    def _refuse(self, commit: Commit) -> None:
        admit(commit, self.limits)
        for write in commit.writes:
            if isinstance(write, PutRow) and POISON in write.row.key:
                msg = f"the engine refuses {write.row.key}"
                raise StoreRefused(msg)

    def _write(self, write: object) -> None:
        match write:
            case PutRow(root=root, row=row):
                self.rows.setdefault(root, {})[row.key] = row
            case DeleteRow(root=root, key=key):
                self.rows.get(root, {}).pop(key, None)
            case DeleteRange(root=root, first=first, last=last):
                kept = {k: r for k, r in self.rows.get(root, {}).items() if not first <= k <= last}
                self.rows[root] = kept
            case DropRoot(root=root):
                self.rows.pop(root, None)
            case DeleteIntent(name=name):
                self.chunks.pop(name, None)

    def _keep_records_true(self) -> None:
        assert self.anchor is not None
        self.version_record = version_record(self.anchor)
        self.key_label = key_label_record(self.anchor)
