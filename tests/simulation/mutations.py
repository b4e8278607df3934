"""The broken rules. Each function is given `swap(owner, attribute, new) -> old` and breaks exactly one thing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

from bbs.master import administration as administration_module
from bbs.master import intent as intent_module
from bbs.master.committer import Committer, Draft
from bbs.master.follower import Follower
from bbs.master.lease import Lease
from bbs.master.member import Member
from bbs.master.overlay import Overlay
from bbs.master.pipeline import Pipeline
from bbs.master.renewal import Renewal
from bbs.master.watch import Sighting, Watch
from bbs.migration import attempt as attempt_module
from bbs.migration import cleanup as cleanup_module
from bbs.migration import decide as decide_module
from bbs.migration import online as online_module
from bbs.migration import runner as runner_module
from bbs.migration.mirror import Mirror
from bbs.migration.runner import Runner
from bbs.stores.anchor import Live
from bbs.stores.contract import (
    Applied,
    Deposed,
    NotClaimed,
    Renewed,
    StoreError,
    StoreFull,
    StoreUnavailable,
)
from tests.simulation.mutations_handback import HANDBACK
from tests.simulation.mutations_keys import KEYS
from tests.simulation.tables import Tables

Swap = Callable[[Any, str, Any], Any]


def claim_without_liveness(swap: Swap) -> None:
    """The claim compares the anchor alone."""

    def claim(self: Tables, claim: Any) -> Any:
        fence = claim.expected_anchor.fence if claim.expected_anchor else None
        if (self.anchor.fence if self.anchor else None) != fence:
            return NotClaimed()
        return old(self, replace(claim, expected_liveness=self.liveness))

    old = swap(Tables, "claim", claim)


def claim_on_the_first_read(swap: Swap) -> None:
    """A standby claims as soon as it has seen a holder."""

    async def look(self: Watch) -> Sighting:
        sighting: Sighting = await old(self)
        return replace(sighting, claimable=True)

    old = swap(Watch, "look", look)


def watch_across_failed_reads(swap: Swap) -> None:
    """A failed read does not start the wait anew, and the wait counts to the return of the last read."""

    async def look(self: Watch) -> Sighting:
        seen = await self._store.read_liveness()
        if seen is None or seen.released:
            self._value, self._since = seen, self._clock.steady()
            return Sighting(seen, claimable=True)
        if self._since is None or (self._value is not None and seen.epoch != self._value.epoch):
            self._value, self._since = seen, self._clock.steady()
            return Sighting(seen, claimable=False)
        self._value = seen
        return Sighting(seen, claimable=self._clock.steady() - self._since >= seen.ttl)

    swap(Watch, "look", look)


def renewal_without_counter(swap: Swap) -> None:
    """A renewal compares epoch and holder, and takes whatever counter it is given."""

    def renew(self: Tables, epoch: int, holder: str, counter: int) -> Any:
        now = self.liveness
        if now is None or (now.epoch, now.holder) != (epoch, holder) or now.released:
            return Deposed(now)
        self.liveness = replace(now, counter=counter + 1)
        return Renewed()

    swap(Tables, "renew", renew)


def renewal_of_a_stranger(swap: Swap) -> None:
    """A renewal does not compare the holder."""

    def renew(self: Tables, epoch: int, holder: str, counter: int) -> Any:
        now = self.liveness
        if now is None or now.released:
            return Deposed(now)
        return Renewed()

    swap(Tables, "renew", renew)


def commit_without_epoch(swap: Swap) -> None:
    """The store compares the sequence alone."""

    def commit(self: Tables, commit: Any) -> Any:
        if self.anchor is not None and self.anchor.seq == commit.expected.seq:
            commit = replace(commit, expected=self.anchor)
        return old(self, commit)

    old = swap(Tables, "commit", commit)


def commit_without_seq(swap: Swap) -> None:
    """The store compares the epoch alone."""

    def commit(self: Tables, commit: Any) -> Any:
        if self.anchor is not None and self.anchor.epoch == commit.expected.epoch:
            commit = replace(commit, expected=self.anchor)
        return old(self, commit)

    old = swap(Tables, "commit", commit)


def lease_from_the_end_of_a_renewal(swap: Swap) -> None:
    """The lease counts from the answer of a renewal, not from its sending."""

    def renewed(self: Lease, started: float) -> None:
        old(self, self._clock.steady())

    old = swap(Lease, "renewed", renewed)


def lease_from_a_retried_renewal(swap: Swap) -> None:
    """A renewal found already applied counts from the retry."""

    async def renew(self: Renewal) -> Deposed | None:
        self._first_sent = None
        return await old(self)  # type: ignore[no-any-return]

    old = swap(Renewal, "_renew", renew)


def not_applied_concluded_from_a_read(swap: Swap) -> None:
    """After a time-out a read decides: the batch id is not there, so the commit "failed"."""

    async def until_known(self: Committer, commit: Any) -> None:
        try:
            outcome = await self.store.commit(commit)
        except StoreUnavailable:
            anchor = None
            while anchor is None:
                with suppress(StoreUnavailable):
                    async with self.store.snapshot() as snapshot:
                        anchor = await snapshot.anchor()
            if anchor.batch_id != commit.anchor.batch_id:
                msg = "it was not applied"
                raise StoreFull(msg) from None
            return
        if not isinstance(outcome, Applied):
            self._lost(commit, applied=None, seen=outcome.seen)

    swap(Committer, "_until_known", until_known)


def answer_before_commit(swap: Swap) -> None:
    """An answer leaves when the transition has run."""

    def join(self: Pipeline, item: Any, outcome: Any, *rest: Any) -> bool:
        placed: bool = old(self, item, outcome, *rest)
        if placed:
            item.succeed(outcome)
        return placed

    old = swap(Pipeline, "_join", join)


def no_op_does_not_wait(swap: Swap) -> None:
    """A transition that changes nothing is answered at once, whatever it read."""
    swap(Pipeline, "_ride", lambda self, item, outcome, _: self._answered(item, outcome))


def reads_see_the_overlay(swap: Swap) -> None:
    """Reads are given what is under way."""

    def memory(self: Member) -> Any:
        confirmed = old(self)
        assert self._ruler is not None
        assert self._ruler.pipeline is not None
        pipeline = self._ruler.pipeline
        layers = [batch.layer for batch in (pipeline._in_flight, pipeline._building) if batch is not None]
        return Overlay(confirmed, layers)

    old = swap(Member, "memory", memory)


def overlay_kept_after_a_failed_commit(swap: Swap) -> None:
    """A refused batch stays in memory."""

    def divide(self: Pipeline, batch: Any, refusal: Any) -> None:
        for (kind, key), entry in batch.layer.entries.items():
            self._memory.place(kind, key, entry)
        old(self, batch, refusal)

    old = swap(Pipeline, "_divide", divide)


def pending_batch_by_seq_only(swap: Swap) -> None:
    """A standby confirms its pending batch because the next number came."""

    def receive(self: Follower, batch: Any) -> bool:
        if self._early is None and self._memory is not None and self._pending is not None:
            if batch.seq == self._pending.seq + 1:
                self._confirm(self._pending)
            if batch.reload:
                return old(self, batch)  # type: ignore[no-any-return]
            self._pending = batch
            self._memory.digest = batch.previous_digest
            return True
        return old(self, batch)  # type: ignore[no-any-return]

    def take_over(self: Follower, anchor: Any) -> Any:
        memory, pending = self._memory, self._pending
        if memory is not None and pending is not None and pending.seq == anchor.seq:
            memory.digest = pending.previous_digest
            self._apply(memory, pending)
            memory.digest = anchor.digest
        return taken(self, anchor)

    old = swap(Follower, "receive", receive)
    taken = swap(Follower, "take_over", take_over)


def no_drop_on_joining(swap: Swap) -> None:
    """What a load holds already is not dropped."""

    def joined(self: Follower, memory: Any) -> bool:
        self._memory, self._pending = memory, None
        early, self._early = self._early or [], None
        return all(self.receive(batch) for batch in early)

    swap(Follower, "joined", joined)


def flip_not_looking_at_wanted(swap: Swap) -> None:
    """The commits of an attempt don't look whether another target was set."""
    for module in (runner_module, attempt_module):
        swap(module, "still_wanted", lambda anchor, order: None)


def flip_without_digest(swap: Swap) -> None:
    """Nothing is read back."""

    async def verify(self: Runner, *_: Any) -> None:
        return None

    swap(Runner, "_verify", verify)


def online_flip_without_digest(swap: Swap) -> None:
    """Beside serving nothing is read back either."""

    async def look_at_all(self: Any) -> set[Any]:
        return set()

    swap(online_module._Work, "_look_at_all", look_at_all)


def online_writes_not_looked_at_again(swap: Swap) -> None:
    """What was written while records were copied is taken to be in the copy."""

    async def look_again(self: Any, names: set[Any]) -> set[Any]:
        return set()

    swap(online_module._Work, "_look_again", look_again)


def online_writes_not_in_the_copy(swap: Swap) -> None:
    """What is written while records are copied goes to the live root alone."""
    swap(Mirror, "beside", lambda self, encoded: encoded)


def online_flip_without_a_standstill(swap: Swap) -> None:
    """The writer goes on while the last records are compared and the pointer moves."""

    @asynccontextmanager
    async def standstill(self: Pipeline) -> AsyncIterator[None]:
        yield

    swap(Pipeline, "standstill", standstill)


def old_root_written_after_an_online_flip(swap: Swap) -> None:
    """The writer goes on as it did before."""

    async def flip(self: Any) -> Any:
        encoder = self._pipeline.encoder
        outcome = await old(self)
        self._pipeline.encoder = encoder
        return outcome

    old = swap(online_module._Work, "_flip", flip)


def hold_ignored(swap: Swap) -> None:
    """A failure record holds nobody."""
    swap(decide_module, "_held", lambda stored, target: None)


def cleanup_of_the_live_root(swap: Swap) -> None:
    """Dropping does not look what is live."""
    elsewhere = Live(0, "nowhere")
    draft = swap(
        cleanup_module,
        "_draft",
        lambda anchor, root, writes: draft(anchor.change(live=elsewhere, migration=None), root, writes),
    )


def target_call_without_generation(swap: Swap) -> None:
    """A call decided on old knowledge is accepted."""
    swap(administration_module, "_fresh", lambda anchor, if_generation: None)


def intent_cleared_before_its_last_apply(swap: Swap) -> None:
    """The first slice of an intent clears its name."""

    async def apply(committer: Committer, commit: Any, name: str, writes: Any) -> None:
        pieces = intent_module.slices(writes, committer.store.limits)
        await intent_module._insist(committer, commit, Draft(writes=pieces[0], members={"intent": None}))
        for piece in pieces[1:]:
            await intent_module._insist(committer, commit, Draft(writes=piece))

    swap(intent_module, "_apply", apply)


def answers_without_a_lease(swap: Swap) -> None:
    """Whoever reigns may speak."""
    swap(Lease, "holds", lambda self: not self._ended)


def unknown_claim_counts(swap: Swap) -> None:
    """A claim without an answer is taken for a success, from its end."""
    from bbs.master import election as election_module  # noqa: PLC0415

    async def settled(store: Any, wanted: Any, started: float) -> Any:
        try:
            seen = await store.read_liveness()
        except StoreError:
            seen = None
        await asyncio.sleep(0)
        return (
            election_module.Held(wanted.anchor, wanted.expected_anchor, wanted.liveness.holder, started)
            if (seen is None or seen.epoch == wanted.liveness.epoch)
            else None
        )

    swap(election_module, "_settled", settled)


MUTATIONS: dict[str, Callable[[Swap], None]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        claim_without_liveness,
        claim_on_the_first_read,
        watch_across_failed_reads,
        renewal_without_counter,
        renewal_of_a_stranger,
        commit_without_epoch,
        commit_without_seq,
        lease_from_the_end_of_a_renewal,
        lease_from_a_retried_renewal,
        not_applied_concluded_from_a_read,
        answer_before_commit,
        no_op_does_not_wait,
        reads_see_the_overlay,
        overlay_kept_after_a_failed_commit,
        pending_batch_by_seq_only,
        no_drop_on_joining,
        flip_not_looking_at_wanted,
        flip_without_digest,
        online_flip_without_digest,
        online_writes_not_looked_at_again,
        online_writes_not_in_the_copy,
        online_flip_without_a_standstill,
        old_root_written_after_an_online_flip,
        hold_ignored,
        cleanup_of_the_live_root,
        target_call_without_generation,
        intent_cleared_before_its_last_apply,
        answers_without_a_lease,
        unknown_claim_counts,
        *KEYS,
        *HANDBACK,
    )
}
