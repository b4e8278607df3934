"""A server serves clients of its own API major and of the one before; each other pair has a typed answer."""

from __future__ import annotations

import orjson
import pytest

from bbs.api import MAJORS, Majors
from bbs.master.status import MAJORS as SHOWN
from bbs.server import BBSApplication
from bbs.server.message import Request, Response
from tests.docs.pages import DOCS
from tests.server.member import Member, context, no_cells

PAIRS = [
    # server, client, what the client is answered
    (1, 0, (410, "ApiTooOld")),
    (1, 1, "served"),
    (1, 2, (404, "ApiTooNew")),
    (2, 0, (410, "ApiTooOld")),
    (2, 1, "served"),
    (2, 2, "served"),
    (2, 3, (404, "ApiTooNew")),
    (3, 0, (410, "ApiTooOld")),
    (3, 1, (410, "ApiTooOld")),
    (3, 2, "served"),
    (3, 3, "served"),
    (3, 4, (404, "ApiTooNew")),
]
CALLS = [
    ("PUT", "/admin/v{}/active-key", b'{"name":"k","if_generation":3}', "diego-operator"),
    ("POST", "/convergence/v{}/run", b"", "converger"),
    ("GET", "/stream/v{}", b"", "bbs"),
]


@pytest.mark.parametrize(("method", "path", "body", "peer"), CALLS)
@pytest.mark.parametrize(("server", "client", "answer"), PAIRS)
async def test_each_pair(
    server: int, client: int, answer: object, method: str, path: str, body: bytes, peer: str
) -> None:
    response = await asked(server, Request(method, path.format(client), body=body, peer=peer))
    if answer == "served":
        assert response.content_type != "text/plain; charset=utf-8" or path.startswith("/convergence")
        assert response.status not in (405, 410)
    else:
        refusal = orjson.loads(bytes(response.body))
        assert (response.status, refusal["code"]) == answer
        assert f"API major {client}" in refusal["message"]
        assert refusal["remedy"]


async def test_a_call_of_the_older_major_gets_the_row_that_is_not_newer_than_it() -> None:
    rows = {"/admin/v1/target", "/admin/v2/target", "/admin/v3/other"}
    majors = Majors(3)
    assert majors.route("/admin/v2/target", rows) == "/admin/v2/target"
    assert majors.route("/admin/v3/target", rows) == "/admin/v2/target"
    assert Majors(2).route("/admin/v1/target", rows) == "/admin/v1/target"


@pytest.mark.parametrize("path", ["/v0/ping", "/v2/ping", "/admin/target", "/admin/v1x/target", "/other/v1/x"])
async def test_a_path_that_is_none_of_ours_is_not_found_as_by_the_real_bbs(path: str) -> None:
    response = await asked(1, Request("POST", path))
    assert (response.status, response.body) == (404, b"404 page not found\n")


def test_status_names_what_this_release_serves_and_the_page_what_it_is() -> None:
    assert SHOWN is MAJORS
    page = (DOCS / "reference" / "api-versions.md").read_text()
    assert f"This release is API major {MAJORS.newest}" in page


async def asked(server: int, request: Request) -> Response:
    application = BBSApplication(Member(), context, no_cells, convergers=["converger"], majors=Majors(server))
    answer = application.answer(request)
    return answer if isinstance(answer, Response) else await answer
