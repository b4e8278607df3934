"""What Locket says about cells."""

from __future__ import annotations

import pytest

from bbs.client.locket import LocketError, LocketUnavailable
from bbs.outbound import Presences
from bbs.wire.core_pb2 import CellsResponse, Error
from tests.outbound.conftest import Configured, Master


async def test_present_cells_are_known_by_their_keys(master: Master) -> None:
    await master.locket.present("cell-2", "https://cell-2:1801")
    assert await master.presences.cells() == {"cell-1", "cell-2"}
    await master.locket.gone("cell-2")
    assert await master.presences.cells() == {"cell-1"}


async def test_the_list_of_cells_carries_their_documents(master: Master) -> None:
    answer = CellsResponse.FromString(await master.presences.cells_answer())
    assert [(cell.cell_id, cell.rep_url, cell.zone) for cell in answer.cells] == [("cell-1", master.cell.url, "z1")]


async def test_a_locket_that_is_away_is_an_error_and_never_nobody(master: Master) -> None:
    await master.locket.stop()
    with pytest.raises(LocketUnavailable):
        await master.presences.cells()
    answer = CellsResponse.FromString(await master.presences.cells_answer())
    assert answer.error.type == Error.UnknownError
    assert "rpc error: code = Unavailable" in str(answer.error.message)


async def test_without_locket_there_are_no_cells(configured: Configured) -> None:
    presences = Presences.configured_by(configured())
    assert not presences.configured
    assert await presences.cells() == frozenset()
    with pytest.raises(LocketError, match="no locket_address"):
        await presences.rep_url("cell-1")
    assert await presences.cells_answer() == b""
