"""Reasons and results come from programs: bytes that are no text never lose the call that brings them."""

from __future__ import annotations

from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import task_pb2 as task
from tests.models import requests
from tests.robustness.server import Server

NO_TEXT = b"exit \xff\xfe, cut here: \xc3"


async def test_a_crash_with_a_reason_that_is_no_text_is_recorded_with_its_bytes(server: Server) -> None:
    await server.post("/v1/desired_lrp/desire.r2", requests.lrp("pg").SerializeToString())
    await server.post("/v1/actual_lrps/claim", requests.claim().SerializeToString())
    await server.post("/v1/actual_lrps/start.r1", requests.start().SerializeToString())
    reply = await server.post("/v1/actual_lrps/crash", requests.crash(reason=NO_TEXT).SerializeToString())
    assert reply.body == b""
    listed = actual.ActualLRPsResponse.FromString((await server.post("/v1/actual_lrps/list", b"\x1a\x02pg")).body)
    assert [lrp.crash_reason for lrp in listed.actual_lrps] == [NO_TEXT]
    await server.post("/v1/desired_lrp/remove", b"\x0a\x02pg")


async def test_a_task_whose_result_is_no_text_completes_with_its_bytes(server: Server) -> None:
    await server.post("/v1/tasks/desire.r2", requests.desire_task("t-bytes").SerializeToString())
    start = task.StartTaskRequest(task_guid="t-bytes", cell_id="cell-1")
    await server.post("/v1/tasks/start", start.SerializeToString())
    done = task.CompleteTaskRequest(task_guid="t-bytes", cell_id="cell-1", result=NO_TEXT)
    assert (await server.post("/v1/tasks/complete", done.SerializeToString())).body == b""
    reply = await server.post("/v1/tasks/get_by_task_guid.r3", b"\x0a\x07t-bytes")
    assert task.TaskResponse.FromString(reply.body).task.result == NO_TEXT
