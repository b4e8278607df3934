"""A failure of Locket reaches clients of the BBS in the words of Go's gRPC library."""

from __future__ import annotations

import pytest

from bbs.client.locket import go_status

DIAL = "dial tcp 127.0.0.1:1: connect: connection refused"


@pytest.mark.parametrize(
    ("code", "details", "words"),
    [
        (
            "UNAVAILABLE",
            "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: Connection refused",
            f'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: {DIAL}"',
        ),
        (
            "DEADLINE_EXCEEDED",
            "Deadline Exceeded",
            "rpc error: code = DeadlineExceeded desc = context deadline exceeded",
        ),
        ("CANCELLED", "gone", "rpc error: code = Canceled desc = gone"),
        ("NOT_FOUND", "resource-not-found", "rpc error: code = NotFound desc = resource-not-found"),
    ],
)
def test_a_code_is_spelled_as_go_spells_it(code: str, details: str, words: str) -> None:
    assert go_status(code, details, "127.0.0.1:1") == words
