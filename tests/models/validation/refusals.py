"""What a call is refused with, in the words of the answer."""

from __future__ import annotations

from google.protobuf.message import Message

from bbs.wire import container_pb2 as container
from bbs.wire import desired_lrp_pb2 as desired
from tests.models import requests
from tests.models.board import Board, error_of

FIELD = "Invalid field: "
INVALID = "the request received is invalid"


def refusal(path: str, request: Message | bytes = b"") -> str:
    """The message of an InvalidRequest, each `Invalid field: ` left out; empty when the request is valid."""
    error = error_of(Board().post(path, request))
    assert error.type == 4 or not error.message or error.type == 13, error
    return str(error.message).replace(FIELD, "") if error.type == 4 else ""


def desired_refusal(members: desired.DesiredLRP | None = None, /, **given: object) -> str:
    """That of DesireLRP with these members beside those of a valid one; tags replace its tags."""
    request = requests.lrp(**given)  # type: ignore[arg-type]
    if members is not None:
        if members.metric_tags:
            request.desired_lrp.ClearField("metric_tags")
        request.desired_lrp.MergeFrom(members)
    return refusal("/desired_lrp/desire.r2", request)


def task_refusal(**given: object) -> str:
    """That of DesireTask with these members of its definition."""
    request = requests.desire_task()
    for name in given:
        request.task_definition.ClearField(name)
    request.task_definition.MergeFrom(type(request.task_definition)(**given))  # type: ignore[arg-type]
    return refusal("/tasks/desire.r2", request)


def action_refusal(**member: object) -> str:
    """That of the action of a desired LRP, without the name of the field that holds it."""
    action = container.Action(**member).SerializeToString()  # type: ignore[arg-type]
    found = desired_refusal(action=action)
    assert not found or found.startswith("action, ") or found == INVALID, found
    return found.removeprefix("action, ")
