"""Presences are written by cells of any make."""

from bbs.models.cells import cells_response
from bbs.wire.core_pb2 import CellsResponse

GOOD = b'{"cell_id":"cell-1","rep_address":"http://10.0.0.5:1800","zone":"z1"}'


def test_a_presence_that_is_none_hides_no_other() -> None:
    bad = [b"", b"[" * 20_000, b'{"capacity":{"memory_mb":1e999}}', b'{"cell_id":"\\ud800"}', b"\xff", b"null"]
    cells = CellsResponse.FromString(cells_response([*bad, GOOD])).cells
    assert [cell.cell_id for cell in cells] == ["cell-1"]
