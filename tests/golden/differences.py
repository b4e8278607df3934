"""Where this BBS deliberately answers otherwise than the real one, told by what the real one did.

No row names a scenario or a step: a recorded exchange is known by its trait (no answer, the words of a database driver,
a stored `null`), and the answer wanted instead follows from the recording alone. Users find all of it in
docs/reference/differences.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from google.protobuf.message import DecodeError, Message

from bbs.models.limits import CUT_MARK, TEXT_LIMIT
from bbs.wire.actual_lrp_pb2 import (
    ClaimActualLRPRequest,
    CrashActualLRPRequest,
    EvacuateCrashedActualLRPRequest,
    FailActualLRPRequest,
)
from bbs.wire.core_pb2 import Error
from bbs.wire.desired_lrp_pb2 import (
    DesiredLRPByProcessGuidRequest,
    DesiredLRPLifecycleResponse,
    DesiredLRPSchedulingInfosResponse,
    DesiredLRPsResponse,
    DesireLRPRequest,
    RemoveDesiredLRPRequest,
    UpdateDesiredLRPRequest,
)
from bbs.wire.task_pb2 import (
    CompleteTaskRequest,
    FailTaskRequest,
    RejectTaskRequest,
    Task,
    TaskResponse,
    TasksResponse,
)
from tests.golden import messages
from tests.golden.recording import Line, Scenario

NO_ANSWER = 0
DRIVER = re.compile(r"SQLSTATE|Error 1\d{3}\b|Incorrect string value|Illegal mix of collations")
REPORT = "/v1/tasks/complete"
CLAIM = "/v1/actual_lrps/claim"
DESIRE, UPDATE, REMOVE = "/v1/desired_lrp/desire", "/v1/desired_lrp/update", "/v1/desired_lrp/remove"
MAKES = ("/v1/domains/upsert", "/v1/tasks/desire", "/v1/tasks/start", "/v1/actual_lrps/start", DESIRE)
"""Routes that store a name which was not there before."""
SAID_NOTHING = ("/v1/actual_lrps/fail", "/v1/actual_lrps/evacuate_running")
"""Routes that succeed, and answer nothing, where there is no row."""
TEXTS: dict[str, tuple[type[Message], str]] = {
    "/v1/tasks/fail": (FailTaskRequest, "failure_reason"),
    "/v1/tasks/reject": (RejectTaskRequest, "rejection_reason"),
    "/v1/actual_lrps/crash": (CrashActualLRPRequest, "error_message"),
    "/v1/actual_lrps/evacuate_crashed": (EvacuateCrashedActualLRPRequest, "error_message"),
    "/v1/actual_lrps/fail": (FailActualLRPRequest, "error_message"),
}
"""Reports beside the completion of a task, and the text in them."""
INVALID = r"the request received is invalid"
FIELDS = r"Invalid field: [\w-]+(, Invalid field: [\w-]+)*"


@dataclass(frozen=True)
class Difference:
    """One trait. `seen`: of the recorded exchange; `instead`: what is answered here."""

    name: str
    seen: str
    instead: str
    reason: str


TABLE = (
    Difference(
        "null-route",
        "a desired LRP with a route value `null` is taken; then no answer to any get or list of desired LRPs",
        "InvalidRequest, and nothing is made or changed; to a get or a removal of an LRP that was to be made "
        "ResourceNotFound, to a list all others",
        "one request would make everybody's lists fail until somebody removes that LRP",
    ),
    Difference(
        "panic",
        "no answer to any other request",
        "InvalidRequest, with the fields if there are any to name",
        "an update without `update`, an empty action inside another one: the real BBS panics",
    ),
    Difference(
        "driver-text",
        "UnknownError with the words of a database driver",
        "InvalidRequest where the name would be stored; where it is looked up, what any name that is not there is "
        "answered: ResourceNotFound, a list without it, success of FailActualLRP, no container to keep",
        "NUL or bytes that are no UTF-8 in a name: the caller can't know what is wrong from a driver's words",
    ),
    Difference(
        "bad-text",
        "the same to a report (end of a task, crash, placement error), which is lost: the task stays Running",
        "success; the task is Completed from that step on, with the reason (cut as always) and the result as sent",
        "a text cut inside a character or no UTF-8 costs the real BBS the whole report",
    ),
    Difference(
        "by-index",
        "a list shows as many instances as desired, but not indices 0 to n-1",
        "the next pass creates the missing ones (call, event, row: as recorded, in an earlier step) and retires the "
        "surplus ones in each pass, not only once the number of rows is wrong",
        "convergence compares numbers of rows there and looks at indices here",
    ),
    Difference(
        "one-push",
        "where convergence runs: calls to a cell with host names alone, tags alone, or `null` for both",
        "one call with all that differs, in each pass; what the calls of one step say is compared part by part",
        "the real BBS asks twice and says `null`, which a cell takes for 'unchanged'",
    ),
)


@dataclass(frozen=True)
class Refusal:
    """An error of that type, its text of that form, and nothing else."""

    difference: str
    type: int
    form: str

    def matches(self, body: bytes) -> bool:
        try:
            answer = DesiredLRPLifecycleResponse.FromString(body)
        except DecodeError:
            return False
        alone = answer == DesiredLRPLifecycleResponse(error=answer.error)
        text = re.fullmatch(self.form, answer.error.message) is not None
        return alone and answer.error.type == self.type and text


@dataclass(frozen=True)
class Body:
    """This very message, times and epochs aside."""

    difference: str
    body: bytes


@dataclass(frozen=True)
class Others:
    """A list without an error that holds exactly the desired LRPs of these guids."""

    difference: str
    guids: frozenset[str]
    infos: bool

    def matches(self, body: bytes) -> bool:
        try:
            if self.infos:
                infos = DesiredLRPSchedulingInfosResponse.FromString(body)
                refused = infos.HasField("error")
                found = [info.desired_lrp_key.process_guid for info in infos.desired_lrp_scheduling_infos]
            else:
                lrps = DesiredLRPsResponse.FromString(body)
                refused, found = lrps.HasField("error"), [lrp.process_guid for lrp in lrps.desired_lrps]
        except DecodeError:
            return False
        return not refused and sorted(found) == sorted(self.guids)


@dataclass(frozen=True)
class Listed:
    """A list without an error: of several names only some may be such that nothing can have them."""

    difference: str

    def matches(self, body: bytes) -> bool:
        try:
            return not DesiredLRPLifecycleResponse.FromString(body).HasField("error")
        except DecodeError:
            return False


Instead = Refusal | Body | Others | Listed


@dataclass
class _Walk:
    """What the exchanges so far have led to: `spoiled` LRPs hold a null route there, `reports` were lost there."""

    desired: set[str] = field(default_factory=set)
    spoiled: set[str] = field(default_factory=set)
    reports: dict[str, tuple[int, CompleteTaskRequest]] = field(default_factory=dict)


def deviations(scenario: Scenario) -> dict[int, Instead]:
    """What is wanted instead, by step."""
    walk = _Walk()
    found = ((line.seq, _instead(line, walk)) for line in scenario.exchanges)
    return {seq: instead for seq, instead in found if instead is not None}


def _instead(line: Line, walk: _Walk) -> Instead | None:
    try:
        if line.status == NO_ANSWER:
            return _unanswered(line, walk)
        if _driver_text(line.response_body):
            return _refused_by_driver(line, walk)
        if line.response_body == b"" and line.path.startswith((DESIRE, UPDATE, REMOVE)):
            return _changed(line, walk)
        return _reported(line, walk) if walk.reports else None
    except DecodeError:  # a request that is no message: nothing of the kind looked for
        return None


def _unanswered(line: Line, walk: _Walk) -> Instead:
    if line.path.startswith("/v1/desired_lrp") and "/list" in line.path:
        return Others("null-route", frozenset(walk.desired), "scheduling_infos" in line.path)
    if line.path.startswith("/v1/desired_lrp") and "/get_by" in line.path:
        guid = DesiredLRPByProcessGuidRequest.FromString(line.request_body).process_guid
        if guid in walk.desired:  # its update with a null route was refused here
            return Listed("null-route")
        return Refusal("null-route", Error.ResourceNotFound, "the requested resource could not be found")
    return Refusal("panic", Error.InvalidRequest, f"{INVALID}|{FIELDS}")


def _driver_text(body: bytes) -> bool:
    try:
        error = DesiredLRPLifecycleResponse.FromString(body).error
    except DecodeError:
        return False
    return error.type == Error.UnknownError and DRIVER.search(error.message) is not None


def _refused_by_driver(line: Line, walk: _Walk) -> Instead:
    if line.path in TEXTS and _bad(*TEXTS[line.path], line.request_body):
        return Body("bad-text", b"")
    if line.path != REPORT:
        return _name_refused(line)
    request = CompleteTaskRequest.FromString(line.request_body)
    walk.reports[request.task_guid] = int(line.raw["start_ns"]), request
    return Body("bad-text", b"")


def _name_refused(line: Line) -> Instead:
    """A name that a database does not take: it would be stored, or is looked up and not there."""
    if messages.response(line.path)[1]:
        return Listed("driver-text")
    if line.path.startswith(SAID_NOTHING):
        return Body("driver-text", b"")
    if line.path.startswith(MAKES) or (line.path in (CLAIM, UPDATE) and _is_name(line.request_body)):
        return Refusal("driver-text", Error.InvalidRequest, INVALID)
    return Refusal("driver-text", Error.ResourceNotFound, "the requested resource could not be found")


def _is_name(change: bytes) -> bool:
    """Whether a claim or an update names a guid that can be stored: then it is something else of it that can't."""
    guid = ClaimActualLRPRequest.FromString(change).process_guid
    return isinstance(guid, str) and "\0" not in guid


def _bad(request: type[Message], field_name: str, body: bytes) -> bool:
    """Whether the text of a report, cut as it is stored, is none that a database takes."""
    try:
        _stored(getattr(request.FromString(body), field_name)).decode()
    except UnicodeDecodeError:
        return True
    return False


def _stored(text: bytes) -> bytes:
    return text[: TEXT_LIMIT - len(CUT_MARK)] + CUT_MARK if len(text) >= TEXT_LIMIT else text


def _changed(line: Line, walk: _Walk) -> Instead | None:
    """A change of a desired LRP that the real BBS took."""
    if line.path.startswith(REMOVE):
        guid = RemoveDesiredLRPRequest.FromString(line.request_body).process_guid
        walk.desired.discard(guid)
        if guid not in walk.spoiled:
            return None
        walk.spoiled.discard(guid)
        return Refusal("null-route", Error.ResourceNotFound, "the requested resource could not be found")
    update = line.path.startswith(UPDATE)
    if update:
        routes = UpdateDesiredLRPRequest.FromString(line.request_body).update.routes
    else:
        lrp = DesireLRPRequest.FromString(line.request_body).desired_lrp
        routes = lrp.routes
    if not any(value.strip() == b"null" for value in routes.routes.values()):
        if not update:
            walk.desired.add(lrp.process_guid)
        return None
    if not update:
        walk.spoiled.add(lrp.process_guid)
    return Refusal("null-route", Error.InvalidRequest, INVALID)


def _reported(line: Line, walk: _Walk) -> Instead | None:
    """An answer that shows a task whose completion the real BBS lost."""
    if line.path.startswith("/v1/tasks/get_by"):
        one = TaskResponse.FromString(line.response_body)
        return Body("bad-text", one.SerializeToString()) if _completed([one.task], walk) else None
    if line.path.startswith("/v1/tasks/list"):
        tasks = TasksResponse.FromString(line.response_body)
        return Body("bad-text", tasks.SerializeToString()) if _completed(tasks.tasks, walk) else None
    return None


def _completed(tasks: Iterable[Task], walk: _Walk) -> bool:
    """Show the lost reports in these tasks; whether there were any."""
    shown = False
    for one in tasks:
        if one.task_guid not in walk.reports or one.state != Task.Running:
            continue
        at, request = walk.reports[one.task_guid]
        one.state, one.cell_id = Task.Completed, ""
        one.updated_at = one.first_completed_at = at
        one.failed, one.result = request.failed, request.result
        one.failure_reason = _stored(request.failure_reason)
        shown = True
    return shown
