"""Desired LRPs for clients of the first streams: whatever was desired, its event is told."""

import pytest

from bbs.models.desired_lrps.content import as_event_r0
from bbs.models.records import Kind
from bbs.wire.container_pb2 import Action
from bbs.wire.desired_lrp_pb2 import DesiredLRP
from tests.models import requests
from tests.models.board import Board

INT64 = (1 << 63) - 1


@pytest.mark.parametrize(("milliseconds", "seconds"), [(60_500, 60), (-1, 0), (INT64, INT64 // 1000 % (1 << 32))])
def test_a_start_timeout_that_does_not_fit_is_cut_as_go_cuts_it(milliseconds: int, seconds: int) -> None:
    board = Board()
    board.post("/desired_lrp/desire.r2", requests.lrp(start_timeout_ms=milliseconds))
    told = DesiredLRP.FromString(as_event_r0(board.data(Kind.DESIRED_LRPS, "pg")))
    assert told.deprecated_start_timeout_s == seconds


def test_a_timeout_action_that_does_not_fit_is_cut_as_go_cuts_it() -> None:
    action = Action()
    action.timeout_action.action = requests.RUN
    action.timeout_action.timeout_ms = INT64
    board = Board()
    board.post("/desired_lrp/desire.r2", requests.lrp(action=action.SerializeToString()))
    told = DesiredLRP.FromString(as_event_r0(board.data(Kind.DESIRED_LRPS, "pg")))
    assert Action.FromString(told.action).timeout_action.deprecated_timeout_ns == -1_000_000
