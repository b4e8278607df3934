"""What others write and the BBS reads: presences in Locket, the trace id of a request, the body of a subscription.

Input: which of them, then its bytes.
"""

from __future__ import annotations

from bbs.events import STREAMS, EventHub
from bbs.models.cells import cells_response
from bbs.server.events import subscribed
from bbs.server.message import Request
from bbs.wire.core_pb2 import CellsResponse
from tests.fuzz.target import Target

PRESENCE = (
    b'{"cell_id":"cell-1","rep_address":"http://10.0.0.5:1800","zone":"z1","capacity":{"memory_mb":4096,"disk_mb":8192,'
    b'"containers":250},"rootfs_provider_list":[{"name":"preloaded","properties":["cflinuxfs4"]},{"name":"docker"}],'
    b'"placement_tags":["a"],"optional_placement_tags":["b"],"rep_url":"https://cell-1.cell:1801","annotations":{"a":"b"}}'
)


def check(data: bytes) -> None:
    """Never an exception: a presence that is none is left out, a subscription that is none is answered 500."""
    if (data[:1] or b"\0")[0] % 2:
        hub = EventHub(lambda *_, **__: None)
        assert subscribed(Request("POST", "/", body=data[1:]), STREAMS[3], hub).status in (500, 503)
    else:
        CellsResponse.FromString(cells_response([data[1:], PRESENCE]))


TARGET = Target(
    "presences",
    "a presence or a subscription is taken, left out or refused",
    [b"\0" + PRESENCE, b"\1" + b"\x0a\x06cell-1", b"\1"],
    check,
    words=(b"null", b"1e999", b"[" * 5000, b'{"a":' * 5000, b"-1", b'"\\ud800"', b"true"),
    weight=0.5,
)
