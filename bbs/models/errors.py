"""The errors of the API: the types clients branch on, and their exact texts.

A rule refuses a request by raising `Refused`; the route table turns it into the `error` member of the response, which
is field 1 of every response message. Source: docs/reference/errors.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from bbs.wire.core_pb2 import Error as ErrorMessage
from bbs.wire.frames import frame


class ErrorType(IntEnum):
    """`models.Error.Type`, as far as the BBS itself produces it. Clients compare by this number alone."""

    UNKNOWN_ERROR = 0
    INVALID_RECORD = 3
    INVALID_REQUEST = 4
    INVALID_STATE_TRANSITION = 9
    RESOURCE_EXISTS = 12
    RESOURCE_NOT_FOUND = 13
    ACTUAL_LRP_CANNOT_BE_CLAIMED = 15
    ACTUAL_LRP_CANNOT_BE_STARTED = 16
    ACTUAL_LRP_CANNOT_BE_CRASHED = 17
    ACTUAL_LRP_CANNOT_BE_FAILED = 18
    ACTUAL_LRP_CANNOT_BE_REMOVED = 19
    ACTUAL_LRP_CANNOT_BE_UNCLAIMED = 21
    RUNNING_ON_DIFFERENT_CELL = 24


@dataclass(frozen=True, slots=True)
class Error:
    """One error of a response: type and text."""

    type: ErrorType
    message: str

    def response(self) -> bytes:
        """The serialized response message that holds this error and nothing else; the same for every route."""
        message = ErrorMessage(type=ErrorMessage.Type.Name(self.type), message=self.message)
        return frame(1, message.SerializeToString())


class Refused(Exception):
    """Ends a transition or query with an error response and no change."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.message)
        self.error = error


INVALID_REQUEST = Error(ErrorType.INVALID_REQUEST, "the request received is invalid")
RESOURCE_EXISTS = Error(ErrorType.RESOURCE_EXISTS, "the requested resource already exists")
RESOURCE_NOT_FOUND = Error(ErrorType.RESOURCE_NOT_FOUND, "the requested resource could not be found")
CANNOT_BE_CLAIMED = Error(ErrorType.ACTUAL_LRP_CANNOT_BE_CLAIMED, "cannot claim actual LRP")
CANNOT_BE_STARTED = Error(ErrorType.ACTUAL_LRP_CANNOT_BE_STARTED, "cannot start actual LRP")
CANNOT_BE_CRASHED = Error(ErrorType.ACTUAL_LRP_CANNOT_BE_CRASHED, "cannot crash actual LRP")
CANNOT_BE_FAILED = Error(ErrorType.ACTUAL_LRP_CANNOT_BE_FAILED, "cannot fail actual LRP")
CANNOT_BE_REMOVED = Error(ErrorType.ACTUAL_LRP_CANNOT_BE_REMOVED, "cannot remove actual LRP")
CANNOT_BE_UNCLAIMED = Error(ErrorType.ACTUAL_LRP_CANNOT_BE_UNCLAIMED, "cannot unclaim actual LRP")


def invalid_request(message: str) -> Error:
    """A refusal by validation; `message` is the list of failures, joined by `, `."""
    return Error(ErrorType.INVALID_REQUEST, message)


def invalid_state_transition(before: str, after: str) -> Error:
    """A task that is in `before` can't go to `after` (state names as in docs/reference/tasks.md)."""
    return Error(ErrorType.INVALID_STATE_TRANSITION, f"Cannot transition from {before} to {after}")


def running_on_different_cell(actual: str, requested: str) -> Error:
    """A task was completed by a cell that does not run it."""
    return Error(ErrorType.RUNNING_ON_DIFFERENT_CELL, f"Running on cell {actual} not {requested}")


def unreadable_record(reason: str) -> Error:
    """The answer for a record that is quarantined because its bytes do not decode."""
    return Error(ErrorType.UNKNOWN_ERROR, f"unreadable record: {reason}")
