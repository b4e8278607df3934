"""The components' HTTP: who may speak, what is answered to whom, and certificates that change while it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from components.http import (
    HTTPFailure,
    JSONClient,
    Listener,
    Refusal,
    Request,
    Response,
    Route,
    ServerIdentity,
    json_response,
    listen,
)
from tests.components.certificates import Trust


async def _echo(request: Request) -> Response:
    return json_response({"params": request.params, "peer": request.peer, "body": request.json()})


async def _refuse(_request: Request) -> Response:
    raise Refusal(409, "not now")


async def _break(_request: Request) -> Response:
    raise KeyError("nothing")


ROUTES = (
    Route("POST", "/v1/things/{guid}/echo", _echo),
    Route("POST", "/admin", _echo, only="diego-operator"),
    Route("GET", "/refuse", _refuse),
    Route("GET", "/break", _break),
)


@pytest.fixture
async def listener(trust: Trust) -> AsyncIterator[Listener]:
    opened = await listen("127.0.0.1:0", ROUTES, ServerIdentity(trust.leaf("cell")))
    yield opened
    await opened.close()


def _url(listener: Listener, path: str) -> str:
    return f"https://127.0.0.1:{listener.port}{path}"


async def test_a_route_gets_its_path_parts_its_body_and_the_callers_name(listener: Listener, trust: Trust) -> None:
    answer = await JSONClient(trust.leaf("bbs")).call("POST", _url(listener, "/v1/things/g-1/echo"), [1])
    assert answer.json() == {"params": {"guid": "g-1"}, "peer": "bbs", "body": [1]}


async def test_a_route_of_the_operator_refuses_another_certificate(listener: Listener, trust: Trust) -> None:
    denied = await JSONClient(trust.leaf("bbs")).call("POST", _url(listener, "/admin"), {})
    allowed = await JSONClient(trust.leaf("diego-operator")).call("POST", _url(listener, "/admin"), {})
    assert (denied.status, allowed.status) == (403, 200)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/admin", 405), ("GET", "/refuse", 409), ("GET", "/break", 500)],
)
async def test_what_is_not_served_says_so_by_status(
    listener: Listener, trust: Trust, method: str, path: str, status: int
) -> None:
    assert (await JSONClient(trust.leaf("bbs")).call(method, _url(listener, path))).status == status


async def test_a_caller_without_a_certificate_of_the_authority_is_refused(listener: Listener, own_trust: Trust) -> None:
    with pytest.raises(HTTPFailure):
        await JSONClient(own_trust.leaf("bbs")).call("GET", _url(listener, "/refuse"))


async def test_a_new_authority_is_followed_without_a_restart(own_trust: Trust) -> None:
    opened = await listen("127.0.0.1:0", ROUTES, ServerIdentity(own_trust.leaf("cell")))
    client = JSONClient(own_trust.leaf("bbs"))
    assert (await client.call("GET", _url(opened, "/refuse"))).status == 409
    own_trust.replace_authority()
    own_trust.renew("cell")
    own_trust.renew("bbs")
    assert (await client.call("GET", _url(opened, "/refuse"))).status == 409
    await opened.close()
