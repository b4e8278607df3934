"""What holds after any sequence of calls of any route, of convergence, and of time that passes.

Beside the board, each layout that is served has a memory and rows of its own, as a master of it would.
"""

from __future__ import annotations

from google.protobuf.message import Message
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bbs.convergence import lrp_steps, task_steps
from bbs.encryption import PlainCipher
from bbs.layouts.contract import Layout, Row, Unrepresentable
from bbs.layouts.registry import layouts, served
from bbs.master.encoder import Encoder
from bbs.models.events import Channel
from bbs.models.index import index
from bbs.models.records import Kind, Mutation, Presence, Record, parse_actual_lrp_key
from bbs.models.state import Entry, Transition
from bbs.stores.contract import PutRow
from bbs.stores.sql_names import LIMITS
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import events_pb2 as events
from bbs.wire.task_pb2 import Task
from tests.fuzz.responses import RESPONSES
from tests.models.board import SECOND
from tests.models.calls import CALLS, CHANGING, OF_ROUTES, Call
from tests.models.telling import TellingBoard

CIPHER = PlainCipher()
STATES = {"UNCLAIMED", "CLAIMED", "RUNNING", "CRASHED"}


class Shadow:
    """What a master of one layout has in memory, and what its store holds."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.encoder = Encoder(layout, "root", CIPHER, LIMITS)
        self.memory: dict[tuple[Kind, str], Record] = {}
        self.rows: dict[str, Row] = {}

    def take(self, mutations: tuple[Mutation, ...]) -> None:
        """One commit; one that the layout can't hold is refused whole."""
        try:
            encoded = self.encoder.encode(mutations)
        except Unrepresentable:
            return
        for mutation in encoded.mutations:
            if mutation.record is None:
                self.memory.pop((mutation.kind, mutation.key), None)
            else:
                self.memory[mutation.kind, mutation.key] = mutation.record
        for write in encoded.writes:
            if isinstance(write, PutRow):
                self.rows[write.row.key] = write.row
            else:
                self.rows.pop(write.key, None)  # type: ignore[union-attr]

    def reloaded(self) -> dict[tuple[Kind, str], Record]:
        """What a restart finds."""
        found: dict[tuple[Kind, str], list[Row]] = {}
        for row in self.rows.values():
            located = self.layout.locate(row.key)
            assert located is not None, row.key
            found.setdefault(located, []).append(row)
        return {at: self.layout.decode(*at, rows, CIPHER) for at, rows in found.items()}


class AnyCalls(RuleBasedStateMachine):
    """Calls, passes of convergence and time, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.board = TellingBoard(cells={"cell-1"})
        self.shadows = [Shadow(layouts()[version]) for version in served()]
        self.tags: dict[str, tuple[str, int]] = {}
        self.copies: dict[Channel, dict[str, bytes]] = {Channel.DESIRED: {}, Channel.TASKS: {}}

    @rule(call=CALLS)
    def call(self, call: Call) -> None:
        """A client, a cell or the auctioneer asks for something."""
        path, body = call
        self.board.now += 1
        self.board.mutations, self.board.events = (), {}
        answer = self.board.post(path, body)
        assert RESPONSES[f"/v1{path}"].FromString(answer).SerializeToString() == answer
        self._follow()

    @rule()
    def converge(self) -> None:
        """One pass; what it sees and what it does next are one thing here."""
        for steps in (lrp_steps, task_steps):
            for step in steps(self.board.records, self.board.context):
                self._step(step)

    @rule(seconds=st.sampled_from([1, 31, 200, 4000]))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.board.now += seconds * SECOND

    @rule(cell=st.sampled_from(["cell-1", "cell-2"]))
    def come_or_go(self, cell: str) -> None:
        """A presence appears or lapses."""
        assert self.board.cells is not None
        self.board.cells ^= {cell}

    def _step(self, step: Transition) -> None:
        self.board.mutations, self.board.events = (), {}
        self.board.run(step)
        self._follow()

    def _follow(self) -> None:
        for shadow in self.shadows:
            shadow.take(self.board.mutations)
        for channel, copy in self.copies.items():
            for message in self.board.messages(channel) if self.board.events else ():
                _copied(copy, message)

    # --- what holds ---

    @invariant()
    def each_row_is_where_its_content_says(self) -> None:
        """One row per index and presence, because the key is made of them; so no index has two ordinary ones."""
        for entry, row in self._rows():
            guid, at, presence = parse_actual_lrp_key(entry.key)
            assert (guid, at) == (row.actual_lrp_key.process_guid, row.actual_lrp_key.index)
            assert list(Presence)[row.presence] is presence

    @invariant()
    def states_are_legal(self) -> None:
        """Only live rows name an instance and a cell; only running ones an address."""
        for _, row in self._rows():
            live = row.state in ("CLAIMED", "RUNNING")
            assert row.state in STATES
            assert live == bool(row.actual_lrp_instance_key.cell_id) == bool(row.actual_lrp_instance_key.instance_guid)
            assert (row.state == "RUNNING") == bool(row.actual_lrp_net_info.address)
        for entry in self.board.records.entries(Kind.TASKS):
            task = Task.FromString(entry.data)
            assert task.state in (Task.Pending, Task.Running, Task.Completed, Task.Resolving)
            assert task.state != Task.Running or task.cell_id
            assert task.state in (Task.Completed, Task.Resolving) or not task.first_completed_at

    @invariant()
    def tags_only_grow(self) -> None:
        """A record whose epoch is the same never has a smaller index than before."""
        seen = {entry.key: row.modification_tag for entry, row in self._rows()}
        for key, tag in seen.items():
            epoch, before = self.tags.get(key, ("", 0))
            assert tag.epoch != epoch or tag.index >= before
        self.tags = {key: (tag.epoch, tag.index) for key, tag in seen.items()}

    @invariant()
    def the_index_agrees_with_the_bytes(self) -> None:
        """What is found by cell, group and state is what the record says."""
        for kind in Kind:
            for entry in self.board.records.entries(kind):
                fresh = index(kind, entry.key, entry.data, entry.deadline)
                for name in set(Entry.__slots__) - {"frames"}:
                    assert getattr(entry, name) == getattr(fresh, name), (entry.key, name)

    @invariant()
    def a_restart_finds_what_was_in_memory(self) -> None:
        """In every layout that is served."""
        for shadow in self.shadows:
            assert shadow.reloaded() == shadow.memory, shadow.layout.version

    @invariant()
    def who_followed_the_streams_has_the_same_lrps_and_tasks(self) -> None:
        """Guids and, of tasks, states; `test_events_replayed` follows instances."""
        tasks = {key: Task.FromString(data).state for key, data in self.copies[Channel.TASKS].items()}
        assert tasks == {e.key: Task.FromString(e.data).state for e in self.board.records.entries(Kind.TASKS)}
        assert set(self.copies[Channel.DESIRED]) == {e.key for e in self.board.records.entries(Kind.DESIRED_LRPS)}

    def _rows(self) -> list[tuple[Entry, actual.ActualLRP]]:
        return [(e, actual.ActualLRP.FromString(e.data)) for e in self.board.records.entries(Kind.ACTUAL_LRPS)]


def _copied(copy: dict[str, bytes], message: Message) -> None:
    match message:
        case events.TaskRemovedEvent():
            copy.pop(message.task.task_guid, None)
        case events.TaskCreatedEvent():
            copy[message.task.task_guid] = message.task.SerializeToString()
        case events.TaskChangedEvent():
            copy[message.after.task_guid] = message.after.SerializeToString()
        case events.DesiredLRPRemovedEvent():
            copy.pop(message.desired_lrp.process_guid, None)
        case events.DesiredLRPCreatedEvent():
            copy[message.desired_lrp.process_guid] = message.desired_lrp.SerializeToString()
        case events.DesiredLRPChangedEvent():
            copy[message.after.process_guid] = message.after.SerializeToString()


TestAnyCalls = AnyCalls.TestCase
TestAnyCalls.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)


def test_every_route_that_changes_records_is_called() -> None:
    assert sorted(OF_ROUTES) == CHANGING
