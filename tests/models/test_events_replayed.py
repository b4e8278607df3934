"""A copy that knows only what it was told is, after any calls, what the BBS has."""

from __future__ import annotations

from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from bbs.models.events import Channel
from bbs.models.records import Kind
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import events_pb2 as events
from tests.models import requests
from tests.models.board import SECOND
from tests.models.telling import TellingBoard
from tests.models.test_properties import CALLS, INSTANCES, call

Place = tuple[int, int]
"""Index and presence: one instance may for a while hold two rows of its index."""

Shape = tuple[str, int, str]
"""State, modification tag and address: what a follower acts on."""


def copied(copy: dict[Place, Shape], told: list[Message]) -> None:
    """What a follower of the instance stream does. What is gone may have been replaced before it is told."""
    for message in told:
        match message:
            case events.ActualLRPInstanceCreatedEvent():
                copy[place(message.actual_lrp)] = shape(message.actual_lrp)
            case events.ActualLRPInstanceRemovedEvent():
                gone(copy, place(message.actual_lrp), shape(message.actual_lrp))
            case events.ActualLRPInstanceChangedEvent():
                index = message.actual_lrp_key.index
                gone(copy, (index, message.before.presence), shape(message.before))
                copy[index, message.after.presence] = shape(message.after)


def gone(copy: dict[Place, Shape], place_: Place, shape_: Shape) -> None:
    if copy.get(place_) == shape_:
        del copy[place_]


def place(lrp: actual.ActualLRP) -> Place:
    return lrp.actual_lrp_key.index, lrp.presence


def shape(lrp: actual.ActualLRP | events.ActualLRPInfo) -> Shape:
    tag = lrp.modification_tag
    return lrp.state, tag.index, tag.epoch + lrp.actual_lrp_net_info.address


def held(board: TellingBoard) -> dict[Place, Shape]:
    rows = [actual.ActualLRP.FromString(entry.data) for entry in board.records.entries(Kind.ACTUAL_LRPS)]
    return {place(row): shape(row) for row in rows}


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(CALLS, INSTANCES), max_size=25))
def test_instances_replayed_on_a_copy_are_what_the_records_say(calls: list[tuple[str, str]]) -> None:
    board, copy = TellingBoard(cells={"cell-1"}), dict[Place, Shape]()
    board.post("/desired_lrp/desire.r2", requests.lrp())
    copied(copy, board.messages(Channel.INSTANCES))
    for name, guid in calls:
        board.now += SECOND
        call(board, name, guid)
        copied(copy, board.messages(Channel.INSTANCES))
        assert copy == held(board), (name, guid, board.told(Channel.INSTANCES))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(CALLS, INSTANCES), max_size=25))
def test_the_last_event_of_a_slot_of_a_group_shows_the_row_that_fills_it(calls: list[tuple[str, str]]) -> None:
    board = TellingBoard(cells={"cell-1"})
    slots: dict[tuple[int, str], bytes] = {}
    board.post("/desired_lrp/desire.r2", requests.lrp())
    for name, guid in [("", ""), *calls]:
        board.now += SECOND
        if name:
            call(board, name, guid)
        for message in board.messages(Channel.GROUPS):
            _followed(slots, message)
        rows = [actual.ActualLRP.FromString(entry.data) for entry in board.records.entries(Kind.ACTUAL_LRPS)]
        expected = {
            (
                row.actual_lrp_key.index,
                "evacuating" if row.presence else "instance",
            ): row.modification_tag.epoch.encode() + b"%d" % row.modification_tag.index
            for row in rows
        }
        assert slots == expected, (name, guid, board.told(Channel.GROUPS))


def _followed(slots: dict[tuple[int, str], bytes], message: Message) -> None:
    match message:
        case events.ActualLRPCreatedEvent():
            shown, gone = message.actual_lrp_group, actual.ActualLRPGroup()
        case events.ActualLRPRemovedEvent():
            shown, gone = actual.ActualLRPGroup(), message.actual_lrp_group
        case events.ActualLRPChangedEvent():
            shown, gone = message.after, message.before
        case _:
            return
    for name in ("instance", "evacuating"):
        was, now = getattr(gone, name), getattr(shown, name)
        at = (was.actual_lrp_key.index or now.actual_lrp_key.index, name)
        if gone.HasField(name) and slots.get(at) == _tag(was):
            del slots[at]
        if shown.HasField(name):
            slots[at] = _tag(now)


def _tag(lrp: actual.ActualLRP) -> bytes:
    return lrp.modification_tag.epoch.encode() + b"%d" % lrp.modification_tag.index
