"""A known field with the wire type of another is no message, at whatever level; unknown fields are kept."""

from __future__ import annotations

import pytest

from bbs.models.routes import ROUTES
from bbs.models.rules import QueryRule, TransitionRule
from bbs.wire import container_pb2 as container
from bbs.wire import core_pb2 as core
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire.frames import frame
from tests.models import requests
from tests.models.board import Board, error_of

Action = container.Action
BYTES_AS_NUMBER = b"\x08\x01"
"""Field 1, which is a text or a message nearly everywhere, as a number."""

UNKNOWN = frame(999, b"kept")


def in_lrp(action: Action) -> bytes:
    request = requests.lrp()
    request.desired_lrp.action = action.SerializeToString()
    return request.SerializeToString()


def refused(path: str, body: bytes) -> bool:
    board = Board()
    error = error_of(board.post(path, body))
    assert error.type in (0, error.InvalidRequest)
    assert bool(board.mutations) is (error.type == 0)
    return bool(error.message == "the request received is invalid")


LRP = requests.lrp().SerializeToString()
TASK = requests.desire_task().SerializeToString()
START = requests.start().SerializeToString()
NESTED = [
    ("/domains/upsert", core.UpsertDomainRequest(domain="d").SerializeToString(), b""),
    ("/desired_lrp/desire.r2", LRP, frame(1, b"")),
    ("/tasks/desire.r2", TASK, frame(1, b"")),
    ("/actual_lrps/start.r1", START, frame(1, b"")),
    ("/actual_lrps/start.r1", START, frame(2, b"")),
    ("/actual_lrps/start.r1", START, frame(3, b"")),
]


@pytest.mark.parametrize(("path", "body", "within"), NESTED, ids=range(len(NESTED)))
def test_a_wrong_wire_type_is_refused_at_any_level_and_an_unknown_field_at_none(
    path: str, body: bytes, within: bytes
) -> None:
    number = within[0] >> 3 if within else None
    for added, wrong in ((BYTES_AS_NUMBER, True), (UNKNOWN, False)):
        extended = body + (added if number is None else frame(number, added))
        assert refused(path, extended) is wrong


def test_a_message_in_a_list_or_map_is_looked_at_too() -> None:
    rule = frame(desired.DesiredLRP.EGRESS_RULES_FIELD_NUMBER, BYTES_AS_NUMBER)
    assert refused("/desired_lrp/desire.r2", LRP + frame(1, rule))
    tag = frame(1, b"name") + frame(2, BYTES_AS_NUMBER)
    assert refused("/desired_lrp/desire.r2", LRP + frame(1, frame(desired.DesiredLRP.METRIC_TAGS_FIELD_NUMBER, tag)))


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_an_action_is_looked_at_level_by_level(depth: int) -> None:
    for added, wrong in ((BYTES_AS_NUMBER, True), (UNKNOWN, False)):
        action = Action.FromString(requests.RUN + added)
        for _ in range(depth):
            action = Action(try_action=container.TryAction(action=action.SerializeToString()))
        assert refused("/desired_lrp/desire.r2", in_lrp(action)) is wrong
    run = container.RunAction.FromString(container.RunAction(path="/a", user="b").SerializeToString() + BYTES_AS_NUMBER)
    assert refused("/desired_lrp/desire.r2", in_lrp(Action(run_action=run)))


def test_every_route_with_a_body_looks() -> None:
    for route in ROUTES:
        if not isinstance(route.handle, TransitionRule | QueryRule):
            continue
        first = route.handle.message.DESCRIPTOR.fields_by_number.get(1)
        if first is not None:
            assert first.type in (first.TYPE_STRING, first.TYPE_MESSAGE), route.path
            assert refused(route.path.removeprefix("/v1"), BYTES_AS_NUMBER), route.path
