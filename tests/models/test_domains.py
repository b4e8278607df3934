"""How long a domain is fresh."""

from __future__ import annotations

import pytest

from bbs.models.domains import fresh
from bbs.wire.core_pb2 import DomainsResponse, UpsertDomainRequest
from tests.models import requests
from tests.models.board import SECOND, Board

HALF = SECOND // 2


def upserted(board: Board, ttl: int) -> None:
    assert board.post("/domains/upsert", UpsertDomainRequest(domain="dom", ttl=ttl)) == b""


def listed(board: Board) -> list[str]:
    return list(DomainsResponse.FromString(board.post("/domains/list")).domains)


@pytest.mark.parametrize(
    ("now", "is_fresh"),
    [
        (9 * SECOND + HALF - 1, True),
        (9 * SECOND + HALF, False),
        (10 * SECOND, False),
        (10 * SECOND + HALF - 1, False),
    ],
)
def test_now_is_rounded_to_the_nearest_second_and_the_deadline_lies_after_it(now: int, is_fresh: bool) -> None:
    assert fresh(10 * SECOND, now) is is_fresh


@pytest.mark.parametrize(("first", "then", "lasts"), [(100, 10, 9), (10, 100, 99), (0, 10, 9), (10, 0, 10_000_000)])
def test_the_last_upsert_counts_be_it_shorter_or_for_ever(first: int, then: int, lasts: int) -> None:
    board = Board()
    upserted(board, first)
    upserted(board, then)
    board.now += lasts * SECOND
    assert listed(board) == ["dom"]
    board.now += SECOND
    assert listed(board) == (["dom"] if then == 0 else [])


def test_a_body_changes_nothing_in_the_list_of_domains() -> None:
    board = Board()
    upserted(board, 0)
    assert board.post("/domains/list", b"\xff\xff") == board.post("/domains/list")


def test_nothing_needs_a_domain_to_exist() -> None:
    board = Board()
    board.post("/tasks/desire.r2", requests.desire_task())
    board.post("/desired_lrp/desire.r2", requests.lrp())
    assert (listed(board), board.task().domain, board.ordinary().actual_lrp_key.domain) == ([], "dom", "dom")
