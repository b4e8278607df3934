"""What the cells of live instances are told when internal routes or metric tags of their LRP change, and what not."""

import pytest

from bbs.models.effects import UpdateLRPInstance
from bbs.models.records import Presence
from bbs.wire import container_pb2 as container
from bbs.wire import desired_lrp_pb2 as desired
from tests.models import requests
from tests.models.board import Board

ROUTER = "internal-router"
STORED = b'[{"hostname":"a.internal"}]'
SPACED = b'[ {"hostname": "a.internal"} ]'
OTHER = b'[{"hostname":"b.internal"}]'


def routed(value: bytes | None) -> desired.ProtoRoutes:
    routes = {"cf-router": b"[]"} if value is None else {"cf-router": b"[]", ROUTER: value}
    return desired.ProtoRoutes(routes=routes)


def tag(static: str = "", dynamic: int = 0) -> container.MetricTagValue:
    return container.MetricTagValue(static=static, dynamic=dynamic)  # type: ignore[arg-type]


def board(before: bytes | None = None) -> Board:
    made = Board()
    made.post("/desired_lrp/desire.r2", requests.lrp(routes=routed(before)))  # type: ignore[arg-type]
    made.post("/actual_lrps/start.r1", requests.start())
    return made


def pushed(made: Board, **members: object) -> list[UpdateLRPInstance]:
    change = desired.DesiredLRPUpdate(**members)  # type: ignore[arg-type]
    made.effects.clear()
    assert made.post("/desired_lrp/update", desired.UpdateDesiredLRPRequest(process_guid="pg", update=change)) == b""
    return [effect for effect in made.effects if isinstance(effect, UpdateLRPInstance)]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, STORED, [("a.internal",)]),
        (STORED, OTHER, [("b.internal",)]),
        (STORED, STORED, []),
        (STORED, SPACED, [("a.internal",)]),
        (STORED, b"[]", [()]),
        (STORED, None, [None]),
        (None, None, [None]),
    ],
)
def test_internal_routes_are_told_when_their_bytes_differ_or_are_absent(
    before: bytes | None, after: bytes | None, told: list[object]
) -> None:
    pushes = pushed(board(before), routes=routed(after))
    assert [push.internal_routes for push in pushes] == told
    assert [push.metric_tags for push in pushes] == [None] * len(told)


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ({"source_id": tag("pg")}, []),
        ({"source_id": tag("other")}, [{"source_id": "other"}]),
        ({"source_id": tag("pg"), "more": tag("m")}, [{"more": "m", "source_id": "pg"}]),
        ({"renamed": tag("pg")}, [{"renamed": "pg"}]),
        ({"source_id": tag("", 1)}, [{"source_id": "0"}]),
        ({"source_id": tag("", 2)}, [{"source_id": "ig"}]),
        ({}, []),
    ],
)
def test_metric_tags_are_told_when_they_differ(tags: dict[str, container.MetricTagValue], told: list[object]) -> None:
    pushes = pushed(board(STORED), metric_tags=tags)
    assert [push.metric_tags for push in pushes] == told
    assert [push.internal_routes for push in pushes] == [None] * len(told)


def test_an_update_of_anything_else_tells_no_cell() -> None:
    assert pushed(board(STORED), annotation="new", instances=1) == []


def test_live_instances_are_told_but_evacuating_ones() -> None:
    made = Board()
    made.post("/desired_lrp/desire.r2", requests.lrp(instances=4))
    made.post("/actual_lrps/start.r1", requests.start("running", index=0))
    made.post("/actual_lrps/claim", requests.claim("claimed", index=1))
    made.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running("evacuating", "cell-2"))
    assert sorted(push.instance_guid for push in pushed(made, routes=routed(STORED))) == ["claimed", "running"]


def test_a_suspect_instance_is_told_and_an_evacuating_one_is_not() -> None:
    made = board()
    requests.make_suspect(made)
    assert [push.instance_guid for push in pushed(made, routes=routed(STORED))] == ["ig"]
    made.post("/actual_lrps/evacuate_running.r1", requests.evacuate_running())
    assert made.row("pg", 0, Presence.EVACUATING)
    assert pushed(made, routes=routed(OTHER)) == []
