"""Presences are written by cells of any make."""

import json

import pytest

from bbs.models.cells import cells_response
from bbs.wire.core_pb2 import CellPresence, CellsResponse

GOOD = b'{"cell_id":"cell-1","rep_address":"http://10.0.0.5:1800","zone":"z1"}'


def test_a_presence_that_is_none_hides_no_other() -> None:
    bad = [b"", b"[" * 20_000, b'{"capacity":{"memory_mb":1e999}}', b'{"cell_id":"\\ud800"}', b"\xff"]
    cells = CellsResponse.FromString(cells_response([*bad, GOOD])).cells
    assert [cell.cell_id for cell in cells] == ["cell-1"]


DOCUMENT = {
    "cell_id": "cell-1",
    "rep_address": "http://10.0.0.1:1800",
    "zone": "z1",
    "capacity": {"memory_mb": 1024, "disk_mb": 2048, "containers": 100},
    "rootfs_provider_list": [
        {"name": "preloaded", "properties": ["cflinuxfs4"]},
        {"name": "preloaded+layer", "properties": ["cflinuxfs4"]},
        {"name": "extra"},
        {"name": "docker"},
    ],
    "optional_placement_tags": ["t"],
    "rep_url": "https://cell-1:1801",
    "annotations": {},
}


def cells(*values: bytes | str) -> list[CellPresence]:
    return list(CellsResponse.FromString(cells_response(values)).cells)


def test_a_presence_as_a_rep_writes_it_is_answered_whole() -> None:
    [cell] = cells(json.dumps({**DOCUMENT, "placement_tags": ["p"], "annotations": {"a": "b"}, "newer": [1]}))
    assert (cell.cell_id, cell.rep_address, cell.zone, cell.rep_url) == (
        "cell-1", "http://10.0.0.1:1800", "z1", "https://cell-1:1801",
    )  # fmt: skip
    assert (cell.capacity.memory_mb, cell.capacity.disk_mb, cell.capacity.containers) == (1024, 2048, 100)
    assert [(one.name, list(one.properties)) for one in cell.rootfs_providers] == [
        ("preloaded", ["cflinuxfs4"]), ("preloaded+layer", ["cflinuxfs4"]), ("extra", []), ("docker", []),
    ]  # fmt: skip
    assert (list(cell.placement_tags), list(cell.optional_placement_tags)) == (["p"], ["t"])
    assert dict(cell.annotations) == {"a": "b"}


@pytest.mark.parametrize(
    "value", [b"", b"{", b"1", b"[]", b'"cell"', b'{"cell_id":1}', b'{"capacity":{"memory_mb":99999999999}}']
)
def test_a_value_that_is_no_presence_is_passed_over(value: bytes) -> None:
    assert [cell.cell_id for cell in cells(value, json.dumps(DOCUMENT))] == ["cell-1"]


def test_a_presence_of_null_is_an_empty_one_as_in_go() -> None:
    assert cells(b"null") == [CellPresence()]


def test_case_does_not_count_in_the_names_of_a_presence() -> None:
    [cell] = cells(b'{"Cell_ID":"cell-1","CAPACITY":{"Memory_MB":1},"annotations":{"Key":"v"}}')
    assert (cell.cell_id, cell.capacity.memory_mb, dict(cell.annotations)) == ("cell-1", 1, {"Key": "v"})


def test_bytes_that_are_no_utf8_hide_no_cell() -> None:
    [cell] = cells(json.dumps({**DOCUMENT, "zone": "?"}).encode().replace(b"?", b"\xff"))
    assert (cell.cell_id, cell.zone) == ("cell-1", "\ufffd")


def test_no_cells_are_an_empty_answer() -> None:
    assert cells_response([]) == b""
