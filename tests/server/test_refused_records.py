"""A record that memory or store refuses is the answer of one call, and no end of its connection."""

from __future__ import annotations

import pytest

from bbs.layouts.contract import Unrepresentable
from bbs.master.memory import Memory, Unreadable
from bbs.master.pipeline import ContentRefused
from bbs.models.index import index
from bbs.models.records import Kind
from bbs.models.state import Transition
from bbs.server import BBSApplication
from bbs.server.message import Request, Response
from bbs.wire.actual_lrp_pb2 import EvacuationResponse
from tests.models import requests
from tests.server.member import Member, context, no_cells

REFUSALS = [
    (Unreadable("pg", "no message"), 0, "unreadable record: no message"),
    (Unrepresentable("desired_lrps 'pg' has no place"), 3, "desired_lrps 'pg' has no place"),
    (ContentRefused("the row is too large"), 3, "the row is too large"),
]


async def answered(member: Member, path: str, body: bytes) -> EvacuationResponse:
    pending = BBSApplication(member, context, no_cells).answer(Request("POST", path, body=body))
    response = pending if isinstance(pending, Response) else await pending
    assert (response.status, response.content_type) == (200, "application/x-protobuf")
    return EvacuationResponse.FromString(response.body)  # type: ignore[arg-type]


async def test_a_get_of_a_quarantined_record_says_why() -> None:
    member = Member()
    memory = Memory(index)
    memory.quarantine(Kind.TASKS, "t", "it is no task")
    member.state = memory  # type: ignore[assignment]
    answer = await answered(member, "/v1/tasks/get_by_task_guid.r3", b"\x0a\x01t")
    assert (answer.error.type, answer.error.message) == (0, "unreadable record: it is no task")


@pytest.mark.parametrize(("refusal", "number", "text"), REFUSALS, ids=lambda value: type(value).__name__)
async def test_a_write_that_is_refused_says_why(refusal: Exception, number: int, text: str) -> None:
    member = refusing(refusal)
    answer = await answered(member, "/v1/desired_lrp/desire.r2", requests.lrp().SerializeToString())
    assert (answer.error.type, answer.error.message) == (number, text)


async def test_a_container_stays_where_its_evacuation_is_refused() -> None:
    member = refusing(REFUSALS[0][0])  # type: ignore[arg-type]
    body = requests.evacuate_running().SerializeToString()
    assert (await answered(member, "/v1/actual_lrps/evacuate_running.r1", body)).keep_container


def refusing(refusal: Exception) -> Member:
    member = Member()

    async def submit(_transition: Transition) -> bytes:
        raise refusal

    member.submit = submit  # type: ignore[method-assign]
    return member
