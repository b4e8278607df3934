"""A standby's memory: what confirms it, what replaces it, and what makes it worthless."""

from __future__ import annotations

from bbs.master.chain import encode_changes, link
from bbs.master.committer import Batch
from bbs.master.follower import Follower
from bbs.master.memory import Memory
from bbs.models.index import index
from bbs.models.records import Kind, put
from bbs.stores.anchor import Anchor, Fence, Live, Version
from tests.simulation.model import numbered


def batch(seq: int, previous: str, number: int | None = None, batch_id: str = "", reload: bool = False) -> Batch:
    """The batch of that sequence, which sets task t-<seq>."""
    changes = encode_changes([put(numbered(Kind.TASKS, f"t-{seq}", seq if number is None else number))])
    return Batch(1, seq, batch_id or f"b{seq}", previous, changes, reload)


def after(one: Batch) -> str:
    return link(one.previous_digest, one.batch_id, one.changes)


def chain(number: int) -> list[Batch]:
    """Batches 1..number, each on top of the one before."""
    batches: list[Batch] = []
    for seq in range(1, number + 1):
        batches.append(batch(seq, after(batches[-1]) if batches else ""))
    return batches


def anchor(seq: int, digest: str, epoch: int = 1) -> Anchor:
    return Anchor("s", "o", epoch, seq, "b", Live(0, "v1"), Version(0), digest)


def moment(seq: int = 0, digest: str = "") -> Memory:
    """Memory as a load gives it at that sequence."""
    memory = Memory(index)
    memory.fence, memory.digest = Fence(1, seq), digest
    return memory


def joined(memory: Memory | None = None, early: list[Batch] | None = None) -> Follower:
    follower = Follower()
    follower.joining()
    for one in early or []:
        follower.receive(one)
    assert follower.joined(memory or moment())
    return follower


def keys(memory: Memory | None) -> list[str]:
    assert memory is not None
    return sorted(entry.key for entry in memory.entries(Kind.TASKS))


async def test_a_batch_is_pending_until_the_next_one_proves_it() -> None:
    follower = joined()
    first, second = chain(2)
    assert follower.receive(first)
    assert keys(follower._memory) == []
    assert follower.receive(second)
    assert keys(follower._memory) == ["t-1"]


async def test_a_take_over_keeps_the_pending_batch_that_the_anchor_confirms() -> None:
    follower = joined()
    first, second = chain(2)
    follower.receive(first)
    follower.receive(second)
    memory = follower.take_over(anchor(2, after(second)))
    assert keys(memory) == ["t-1", "t-2"]


async def test_a_take_over_drops_the_pending_batch_that_never_arrived() -> None:
    follower = joined()
    first, second = chain(2)
    follower.receive(first)
    follower.receive(second)
    memory = follower.take_over(anchor(1, after(first)))
    assert keys(memory) == ["t-1"]


async def test_a_take_over_with_any_other_digest_loads() -> None:
    follower = joined()
    follower.receive(chain(1)[0])
    assert follower.take_over(anchor(2, "other")) is None
    assert follower.memory is None


async def test_the_same_sequence_alone_proves_nothing() -> None:
    """Another batch may have been written under that number after ours was refused."""
    follower = joined()
    follower.receive(chain(1)[0])
    other = batch(1, "", number=99, batch_id="other")
    assert follower.take_over(anchor(1, after(other))) is None


async def test_a_pending_batch_that_was_refused_is_replaced() -> None:
    follower = joined()
    refused, instead = batch(1, "", batch_id="refused"), batch(1, "", number=7, batch_id="instead")
    assert follower.receive(refused)
    assert follower.receive(instead)
    assert follower.receive(batch(2, after(instead)))
    memory = follower.take_over(anchor(1, after(instead)))
    assert memory is not None
    assert list(memory.records()) == [numbered(Kind.TASKS, "t-1", 7)]


async def test_a_gap_makes_a_follower_cold() -> None:
    follower = joined()
    batches = chain(3)
    assert follower.receive(batches[0])
    assert not follower.receive(batches[2])
    assert follower.memory is None
    assert not follower.receive(batches[1])


async def test_a_batch_after_which_memory_must_be_loaded_makes_a_follower_cold() -> None:
    follower = joined()
    assert not follower.receive(batch(1, "", reload=True))
    assert follower.memory is None


async def test_joining_drops_what_the_loaded_moment_holds_already() -> None:
    batches = chain(4)
    follower = joined(moment(2, after(batches[1])), batches)
    assert follower.dropped == 2
    assert keys(follower.take_over(anchor(4, after(batches[3])))) == ["t-3", "t-4"]


async def test_joining_fails_when_a_batch_between_load_and_stream_is_missing() -> None:
    batches = chain(4)
    follower = Follower()
    follower.joining()
    follower.receive(batches[3])
    assert not follower.joined(moment(2, after(batches[1])))


async def test_a_cut_stream_is_resumed_with_the_memory_there_is() -> None:
    follower = joined()
    first, second = chain(2)
    follower.receive(first)
    follower.joining()
    follower.receive(first)
    assert follower.resumed(anchor(1, after(first)))
    assert follower.receive(second)
    assert keys(follower.take_over(anchor(2, after(second)))) == ["t-1", "t-2"]


async def test_a_memory_that_missed_something_is_not_resumed() -> None:
    follower = joined()
    batches = chain(3)
    follower.receive(batches[0])
    follower.joining()
    assert not follower.resumed(anchor(3, after(batches[2])))


async def test_memory_is_given_away_once() -> None:
    follower = joined()
    assert follower.take_over(anchor(0, "")) is not None
    assert follower.take_over(anchor(0, "")) is None


async def test_a_memory_that_lacks_what_could_not_be_read_takes_nothing_over() -> None:
    """The key that a record wanted may have come since the load."""
    memory = moment()
    memory.quarantine(Kind.TASKS, "t-0", "value is encrypted with key 'key2'; loaded are key1")
    follower = joined(memory)
    first, second = chain(2)
    follower.receive(first)
    follower.receive(second)
    assert follower.take_over(anchor(2, after(second))) is None
