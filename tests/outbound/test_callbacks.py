"""The completion callback of tasks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest

from bbs.master.lease import Lease
from bbs.master.parts import Reign
from bbs.models.records import Kind
from bbs.models.state import Transition
from bbs.outbound.callbacks import document
from bbs.wire import task_pb2 as wire
from bbs.wire.frames import frame
from components.http import Response
from tests.components.waiting import until
from tests.models import requests
from tests.models.board import Board
from tests.outbound.conftest import TIMES, Master


class Records(Board):
    """A board whose transitions are followed up as the pipeline does it."""

    def serve(self, master: Master) -> Reign:
        async def submit(transition: Transition) -> bytes:
            outcome = transition(self.records, self.context)
            self.records.apply(outcome.mutations)
            master.decide(*outcome.effects)
            return outcome.response

        return Reign(submit, self.records, master.lease, self.serving_since, self.records.watch)

    def state(self) -> str:
        """The state of the task, "" once it is gone."""
        entry = self.records.get(Kind.TASKS, "t")
        return entry.state if entry else ""


@pytest.fixture
async def records(master: Master) -> AsyncIterator[Records]:
    records = Records()
    attached = asyncio.create_task(master.calls.attach(records.serve(master)))
    await asyncio.sleep(0)
    yield records
    attached.cancel()
    await asyncio.wait([attached])


def complete(master: Master, records: Records, url: str, annotation: str = "", *, by_guid: bool = False) -> None:
    """A task runs to its end."""
    desire = requests.desire_task("t", url)
    desire.task_definition.annotation = annotation
    records.post("/tasks/desire.r3" if by_guid else "/tasks/desire.r2", desire)
    records.post("/tasks/start", wire.StartTaskRequest(task_guid="t", cell_id="cell-1"))
    end = wire.CompleteTaskRequest(task_guid="t", cell_id="cell-1", failed=True, failure_reason=b"exit 1", result=b"r")
    records.post("/tasks/complete", end)
    master.decide(records.effects[-1])


async def test_a_completed_task_is_posted_and_forgotten(master: Master, records: Records) -> None:
    complete(master, records, f"{master.elsewhere.url}/done?x=1", annotation='{"a":1}')
    request = await master.elsewhere.request()
    assert (request.method, request.path, request.peer) == ("POST", "/done", "bbs")
    assert request.headers["content-type"] == "application/json"
    assert list(orjson.loads(request.body).items()) == [
        ("task_guid", "t"),
        ("failed", True),
        ("failure_reason", "exit 1"),
        ("result", "r"),
        ("annotation", '{"a":1}'),
        ("created_at", records.now),
    ]
    await until(lambda: records.state() == "")


async def test_a_callback_by_guid_carries_nothing_else_and_leaves_the_task_to_who_is_called(
    master: Master, records: Records
) -> None:
    complete(master, records, master.elsewhere.url, by_guid=True)
    master.renew()
    request = await master.elsewhere.request()
    assert request.body == b'{"task_guid":"t"}'
    assert records.state() == "Completed"
    records.post("/tasks/resolving", wire.TaskGuidRequest(task_guid="t"))
    records.post("/tasks/delete", wire.TaskGuidRequest(task_guid="t"))
    assert records.state() == ""


async def test_a_callback_by_guid_waits_for_proof_that_its_master_is_master(master: Master, records: Records) -> None:
    complete(master, records, master.elsewhere.url, by_guid=True)
    await until(lambda: master.notes.named("call-withheld"))
    assert master.elsewhere.requests == []


async def test_a_busy_server_is_told_the_guid_three_times(master: Master, records: Records) -> None:
    master.elsewhere.will_answer(503, 503, 503)
    complete(master, records, master.elsewhere.url, by_guid=True)
    master.renew()
    await until(lambda: master.notes.named("call-failed"))
    assert len(master.elsewhere.requests) == 3
    assert records.state() == "Completed"


async def test_an_empty_annotation_is_left_out(master: Master, records: Records) -> None:
    complete(master, records, master.elsewhere.url)
    assert "annotation" not in orjson.loads((await master.elsewhere.request()).body)


async def test_the_task_is_resolving_while_its_callback_is_under_way(master: Master, records: Records) -> None:
    master.elsewhere.hangs = 1
    complete(master, records, master.elsewhere.url)
    await master.elsewhere.request()
    assert records.state() == "Resolving"


@pytest.mark.parametrize("status", [200, 204, 304, 400, 401, 404, 410, 429, 500, 501, 502, 505])
async def test_whatever_is_answered_but_busy_ends_the_task(master: Master, records: Records, status: int) -> None:
    master.elsewhere.will_answer(status)
    complete(master, records, master.elsewhere.url)
    await until(lambda: records.state() == "")
    assert len(master.elsewhere.requests) == 1


async def test_a_busy_server_is_asked_three_times_and_then_left_to_convergence(
    master: Master, records: Records
) -> None:
    master.elsewhere.will_answer(503, 504, 503)
    complete(master, records, master.elsewhere.url)
    await until(lambda: master.notes.named("call-failed"))
    assert len(master.elsewhere.requests) == 3
    assert records.state() == "Resolving"


async def test_no_answer_in_time_is_tried_again(master: Master, records: Records) -> None:
    master.elsewhere.hangs = 1
    complete(master, records, master.elsewhere.url)
    await master.elsewhere.request()
    # The lease must hold through the time limit of the first attempt.
    await until(lambda: (master.renew(), records.state() == "")[1])
    assert len(master.elsewhere.requests) == 2


async def test_a_refused_connection_is_given_up_at_once(master: Master, records: Records) -> None:
    url = master.elsewhere.url
    await master.elsewhere.close()
    complete(master, records, url)
    await until(lambda: master.notes.named("call-failed"))
    assert records.state() == "Resolving"


async def test_redirects_are_followed_and_307_keeps_the_body(master: Master, records: Records) -> None:
    master.elsewhere.answers.append(Response(307, headers={"Location": "/further"}))
    master.elsewhere.answers.append(Response(302, headers={"Location": "/seen"}))
    complete(master, records, master.elsewhere.url)
    await until(lambda: records.state() == "")
    assert master.elsewhere.asked() == [("POST", "/"), ("POST", "/further"), ("GET", "/seen")]
    assert master.elsewhere.requests[1].body == master.elsewhere.requests[0].body


async def test_the_tenth_redirect_is_not_followed_and_the_task_left_to_convergence(
    master: Master, records: Records
) -> None:
    master.elsewhere.answers.extend(Response(307, headers={"Location": f"/{number}"}) for number in range(1, 11))
    complete(master, records, master.elsewhere.url)
    await until(lambda: master.notes.named("call-failed"))
    assert [path for _, path in master.elsewhere.asked()] == ["/", *(f"/{number}" for number in range(1, 10))]
    assert records.state() == "Resolving"


@pytest.mark.parametrize("headers", [{}, {"Location": ""}])
async def test_a_redirect_to_nowhere_is_an_answer(master: Master, records: Records, headers: dict[str, str]) -> None:
    master.elsewhere.answers.append(Response(302, headers=headers))
    complete(master, records, master.elsewhere.url)
    await until(lambda: records.state() == "")
    assert len(master.elsewhere.requests) == 1


def test_each_byte_of_an_annotation_that_is_no_utf8_becomes_one_mark() -> None:
    task = wire.Task()
    number = wire.TaskDefinition.DESCRIPTOR.fields_by_name["annotation"].number
    task.task_definition.MergeFromString(frame(number, b"a\xe2\x82b"))
    assert document(task)["annotation"] == "a\ufffd\ufffdb"


async def test_a_password_in_the_url_is_sent_and_never_noted(master: Master, records: Records) -> None:
    master.elsewhere.will_answer(503, 503, 503)
    complete(master, records, master.elsewhere.url.replace("https://", "https://cc:s3cret@"))
    await until(lambda: master.notes.named("call-failed"))
    assert master.elsewhere.requests[0].headers["authorization"] == "Basic Y2M6czNjcmV0"
    assert "s3cret" not in str(master.notes.events)


@pytest.mark.parametrize("url", ["ftp://somewhere/x", "https://", "https://host:port/"])
async def test_a_url_that_can_not_be_called_fails_that_call(master: Master, records: Records, url: str) -> None:
    complete(master, records, url)
    await until(lambda: master.notes.named("call-failed"))
    assert "can't be called" in master.notes.named("call-failed")[0]["error"]


async def test_a_task_in_other_hands_is_not_posted_twice(master: Master, records: Records) -> None:
    complete(master, records, master.elsewhere.url)
    master.decide(records.effects[-1])
    await until(lambda: records.state() == "")
    await asyncio.sleep(0.1)
    assert len(master.elsewhere.requests) == 1


async def test_a_master_that_serves_no_more_posts_nothing(master: Master, records: Records) -> None:
    master.lease.end()
    complete(master, records, master.elsewhere.url)
    await until(lambda: master.notes.named("call-withheld"))
    assert master.elsewhere.requests == []


async def test_a_callback_decided_under_an_earlier_epoch_is_not_sent_by_the_next_one(
    master: Master, records: Records
) -> None:
    earlier = Lease(master.clock, TIMES, master.clock.steady())
    current, master.lease = master.lease, earlier
    complete(master, records, master.elsewhere.url)
    await until(lambda: master.notes.named("call-withheld"))
    assert current.holds()
    assert records.state() == "Completed"
    assert master.elsewhere.requests == []
