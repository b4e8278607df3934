"""Where this BBS deliberately answers otherwise than the real one: every such line of a recording, and what it gets.

A row counts only if the answer is exactly what it says. Users find them in docs/reference/differences.md.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

REASONS = {
    "null-route": (
        "The real BBS stores a route value `null`, and from then on drops every connection that reads or lists that "
        "LRP. Here such a value is no valid route: the LRP is not stored, and everybody else's lists go on."
    ),
    "bad-text": (
        "The real BBS cuts a text inside a character, or takes one that is no UTF-8, and its database then refuses the "
        "row: the caller gets the driver's words, and the task or LRP stays as it was. Here the report is kept."
    ),
    "panic": (
        "The real BBS panics and drops the connection: an update without `update`, an empty action inside another one. "
        "Here that is an invalid request."
    ),
    "by-index": (
        "Convergence counts rows there and looks at indices here: of 3 desired with rows 0, 1 and 7, index 2 is "
        "created and index 7 retired at once, not only when 7 is gone; and no replacement is sought for an instance on "
        "a lost cell whose index is surplus, which the real BBS creates and retires again."
    ),
    "driver-text": (
        "The real BBS answers UnknownError with the words of its database driver for NUL or bytes that are no UTF-8 in "
        "a name. Here that is an invalid request."
    ),
}


@dataclass(frozen=True)
class Success:
    """An empty response message."""

    words: str = "success"

    def matches(self, tree: list[Any]) -> bool:
        return tree == []


@dataclass(frozen=True)
class Refusal:
    """An error of that type with that text and nothing else."""

    type: int
    message: str

    @property
    def words(self) -> str:
        """For a reader."""
        return f"error {self.type} `{self.message}`"

    def matches(self, tree: list[Any]) -> bool:
        return tree == [["error", [["type", self.type], ["message", self.message.encode()]]]]


@dataclass(frozen=True)
class Message:
    """The normalised message whose SHA-256 begins so; `words` say what is in it."""

    words: str
    sha256: str

    def matches(self, tree: list[Any]) -> bool:
        return digest(tree).startswith(self.sha256)


@dataclass(frozen=True)
class Difference:
    """One line of a recording that is answered otherwise. `reason` is a key of `REASONS`."""

    scenario: str
    seq: int
    reason: str
    instead: Success | Refusal | Message


@dataclass(frozen=True)
class Shift:
    """A call out or an event of one step that only one of both made. `reason` is a key of `REASONS`.

    `sha256`: how that of the normalised call or event begins.
    """

    scenario: str
    seq: int
    reason: str
    what: str
    only_here: bool
    sha256: str

    @property
    def words(self) -> str:
        """For a reader."""
        return f"{'also' if self.only_here else 'not'}: {self.what}"


def digest(tree: list[Any]) -> str:
    """What tells one normalised message, call or event from every other."""
    return hashlib.sha256(repr(tree).encode()).hexdigest()


INVALID = Refusal(4, "the request received is invalid")
NOT_FOUND = Refusal(13, "the requested resource could not be found")
NO_INNER_ACTION = Refusal(4, "Invalid field: action, Invalid field: inner-action")

BIG_RESULT = Message("the task, completed, with its whole result", "566eebe90a73383b")
BAD_REASON = Message("the task, completed, with its reason as given", "a156ce0f5310d77b")

BOTH_AT_ONCE = Message("index 2 created, index 7 as it was", "14592ae92bccc6e2")
SINCE_THEN = "index 2 as created in an earlier step"

TABLE = (
    Difference("convergence_lrps", 12, "by-index", BOTH_AT_ONCE),
    Difference("convergence_lrps", 15, "by-index", BOTH_AT_ONCE),
    Difference("convergence_lrps", 23, "by-index", Message(SINCE_THEN, "9eeb45aa6d45f594")),
    Difference("convergence_lrps", 29, "by-index", Message(SINCE_THEN, "9d7e2e45e028d666")),
    Difference("desired_crud", 71, "null-route", INVALID),
    Difference("desired_crud", 72, "null-route", NOT_FOUND),
    Difference("desired_crud", 73, "null-route", Message("all LRPs but the one that was refused", "e1971960450204bf")),
    Difference("desired_crud", 74, "null-route", NOT_FOUND),
    Difference("desired_update", 46, "panic", INVALID),
    Difference("desired_validation", 59, "panic", NO_INNER_ACTION),
    Difference("desired_validation", 60, "panic", NO_INNER_ACTION),
    Difference("desired_validation", 61, "panic", NO_INNER_ACTION),
    Difference("domains", 22, "driver-text", INVALID),
    Difference("domains", 23, "driver-text", INVALID),
    Difference("tasks_lifecycle", 90, "bad-text", Success()),
    Difference("tasks_lifecycle", 91, "bad-text", BIG_RESULT),
    Difference("tasks_lifecycle", 94, "bad-text", Success()),
    Difference("tasks_lifecycle", 95, "bad-text", BAD_REASON),
)

SHIFTS = (
    Shift("convergence_lrps", 14, "by-index", "auctioneer POST /v1/lrps, index 2", False, "40acbe0899729054"),
    Shift("convergence_lrps", 0, "by-index", "auctioneer POST /v1/lrps, index 2", True, "40acbe0899729054"),
    Shift(
        "convergence_lrps", 11, "by-index", "rep cell-2 POST /v1/lrps/cv/instances/ig-7/stop", True, "bc343a29b045e6cd"
    ),
    Shift("convergence_lrps", 14, "by-index", "actual_lrp_instance_removed, index 7", False, "42511c71d026a068"),
    Shift("convergence_lrps", 14, "by-index", "actual_lrp_instance_created, index 2", False, "92942646773fc1ee"),
    Shift("convergence_lrps", 28, "by-index", "actual_lrp_instance_changed, index 2", False, "9498f98e8df96581"),
    Shift("convergence_lrps", 11, "by-index", "actual_lrp_instance_removed, index 7", True, "42511c71d026a068"),
    Shift("convergence_lrps", 28, "by-index", "actual_lrp_instance_changed, index 2", True, "6877390f0978ae91"),
    Shift("suspect", 63, "by-index", "auctioneer POST /v1/lrps, index 11", False, "c9d087eae19bfe02"),
    Shift("suspect", 63, "by-index", "auctioneer POST /v1/lrps, index 13", False, "d7320579a009fa20"),
    Shift("suspect", 63, "by-index", "actual_lrp_instance_created, index 9", False, "d9d38576005beb44"),
    Shift("suspect", 63, "by-index", "actual_lrp_instance_created, index 13", False, "c1b192a38a705f0c"),
    Shift("suspect", 63, "by-index", "actual_lrp_instance_created, index 11", False, "9f40eddc09e58da8"),
    Shift("suspect", 63, "by-index", "actual_lrp_instance_created, index 10", False, "18903bb084810b51"),
    Shift("suspect", 63, "by-index", "actual_lrp_instance_created, index 12", False, "89af2e448ac84be8"),
    Shift("suspect", 63, "by-index", "actual_lrp_instance_removed, index 10", False, "4604237d8a80b994"),
    Shift("suspect", 63, "by-index", "actual_lrp_instance_removed, index 12", False, "575acb164eed970e"),
    Shift("suspect", 63, "by-index", "actual_lrp_instance_removed, index 11", False, "e4d4715a4a139ff5"),
    Shift("suspect", 63, "by-index", "actual_lrp_instance_removed, index 13", False, "30f7124b58ba743a"),
    Shift("suspect", 63, "by-index", "actual_lrp_instance_removed, index 9", False, "a1a2217b8eb8d139"),
)


def shift(scenario: str, seq: int, tree: list[Any], *, only_here: bool) -> Shift | None:
    """The row of a call or an event that only one of both made."""
    rows = (row for row in SHIFTS if (row.scenario, row.seq, row.only_here) == (scenario, seq, only_here))
    return next((row for row in rows if digest(tree).startswith(row.sha256)), None)


def difference(scenario: str, seq: int) -> Difference | None:
    """The row of a line."""
    return next((row for row in TABLE if (row.scenario, row.seq) == (scenario, seq)), None)
