"""Who gets what: order, filters, zones, scores, and the words of a refusal."""

from __future__ import annotations

from typing import Any

import pytest

from components.auctioneer.auction import LRP, CellState, Task, lrps, tasks
from components.auctioneer.candidates import Candidate
from components.auctioneer.schedule import IN_FLIGHT, in_order, schedule


def cell(cell_id: str, zone: str = "z1", *, memory: int = 1000, starting: int = 0, **changes: Any) -> Candidate:
    room = {"MemoryMB": memory, "DiskMB": 1000, "Containers": 10}
    state = {
        "cell_id": cell_id,
        "Zone": zone,
        "RootFSProviders": {"preloaded": {"type": "fixed_set", "set": {"linux": {}}}, "docker": {"type": "arbitrary"}},
        "AvailableResources": room,
        "TotalResources": {**room, "MemoryMB": 1000},
        "StartingContainerCount": starting,
        **changes,
    }
    return Candidate(CellState.model_validate(state), f"https://{cell_id}", 0.25)


def lrp(guid: str = "app", index: int = 0, *, memory: int = 100, **changes: Any) -> LRP:
    wanted = {"RootFs": "preloaded:linux", "MemoryMB": memory, "DiskMB": 10, **changes}
    return LRP.model_validate({"process_guid": guid, "domain": "d", "index": index, **wanted})


def task(guid: str = "task", *, memory: int = 100) -> Task:
    return Task.model_validate({"TaskGuid": guid, "Domain": "d", "RootFs": "preloaded:linux", "MemoryMB": memory})


def placed(candidates: list[Candidate]) -> dict[str, list[str]]:
    return {each.cell_id: [item.name for item in (*each.lrps, *each.tasks)] for each in candidates}


def test_instances_of_an_app_spread_over_zones_then_cells() -> None:
    cells = [cell("a", "z1"), cell("b", "z1"), cell("c", "z2")]
    schedule(cells, [lrp(index=index) for index in range(3)], [], in_flight_limit=0)
    assert placed(cells) == {"a": ["app.0"], "b": ["app.2"], "c": ["app.1"]}


def test_the_emptiest_cell_of_a_zone_wins() -> None:
    cells = [cell("full", memory=300), cell("empty")]
    schedule(cells, [lrp()], [], in_flight_limit=0)
    assert placed(cells) == {"full": [], "empty": ["app.0"]}


def test_first_instances_come_before_tasks_and_those_before_more_instances() -> None:
    order = in_order([lrp("small"), lrp("big", memory=200), lrp("big", 1), lrp("big", 1)], [task()])
    assert [item.name for item in order] == ["big.0", "small.0", "task", "big.1"]


@pytest.mark.parametrize(
    ("item", "cells", "reason"),
    [
        (lrp(), [], "unable to communicate to compatible cells"),
        (lrp(RootFs="preloaded:windows"), [cell("a")], "found no compatible cell for required rootfs"),
        (lrp(VolumeDrivers=["nfs"]), [cell("a")], "found no compatible cell with required volume drivers"),
        (lrp(PlacementTags=["gpu"]), [cell("a")], 'found no compatible cell with placement tag "gpu"'),
        (lrp(), [cell("a", PlacementTags=["gpu"])], "found no compatible cell with no placement tags"),
        (lrp(memory=2000), [cell("a")], "insufficient resources: memory"),
        (lrp(memory=2000, DiskMB=2000), [cell("a")], "insufficient resources: disk, memory"),
        (lrp(), [cell("a", starting=5)], IN_FLIGHT),
    ],
)
def test_what_finds_no_place_is_told_why(item: LRP, cells: list[Candidate], reason: str) -> None:
    failures = schedule(cells, [item], [], in_flight_limit=5)
    assert failures.lrps == [(item, reason)]


def test_an_optional_tag_takes_work_with_and_without_it() -> None:
    cells = [cell("a", OptionalPlacementTags=["gpu"])]
    assert not schedule(cells, [lrp(), lrp("x", PlacementTags=["gpu"])], [], in_flight_limit=0).lrps


def test_work_given_out_takes_room_from_what_comes_later() -> None:
    failures = schedule([cell("a", memory=150)], [lrp(), lrp(index=1)], [], in_flight_limit=0)
    assert [(item.name, reason) for item, reason in failures.lrps] == [("app.1", "insufficient resources: memory")]


def test_unusable_entries_are_left_out_and_the_rest_is_taken() -> None:
    good = {"process_guid": "app", "domain": "d", "indices": [0, 2], "RootFs": "preloaded:linux", "PlacementTags": None}
    bad = [{**good, "RootFs": ""}, {**good, "MemoryMB": -1}, {**good, "indices": None}, "nonsense", {}]
    assert [item.name for item in lrps([good, *bad])] == ["app.0", "app.2"]
    assert [item.name for item in tasks([{"TaskGuid": "t", "Domain": "d", "RootFs": "x:y"}, {"TaskGuid": ""}])] == ["t"]
