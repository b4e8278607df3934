"""The routes that are ours: who may call them, with what, and what they answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from bbs.client import BBSClient, UnexpectedAnswer
from bbs.master.serving import Redirect, Unavailable
from bbs.server import BBSApplication, BBSServer, Request, Response
from tests.certificates import Certificates
from tests.server.conftest import StartServer
from tests.server.member import Member, context, no_cells


async def asked(member: Member, method: str, path: str, document: object, peer: str = "diego-operator") -> Response:
    """The answer of the handler layer."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    answer = BBSApplication(member, context, no_cells).answer(Request(method, path, body=body, peer=peer))
    return answer if isinstance(answer, Response) else await answer


def code(response: Response) -> str:
    assert isinstance(response.body, bytes)
    return str(json.loads(response.body)["code"])


TARGET = {"version": 5, "token": "t", "if_generation": 3}


@pytest.mark.parametrize(
    "document",
    [
        b"no json",
        [1],
        {"version": 5, "token": "t"},
        {**TARGET, "version": "5"},
        {**TARGET, "version": True},
        {**TARGET, "version": -1},
        {**TARGET, "token": 1},
        {**TARGET, "max_record_per_second": 5},
        {**TARGET, "max_records_per_second": 1.5},
    ],
)
async def test_a_malformed_target_changes_nothing(member: Member, document: object) -> None:
    response = await asked(member, "PUT", "/admin/v1/target", document)
    assert (response.status, code(response)) == (422, "MalformedRequest")
    assert member.calls == []


async def test_the_throttle_may_be_left_out_or_given(member: Member) -> None:
    await asked(member, "PUT", "/admin/v1/target", TARGET)
    await asked(member, "PUT", "/admin/v1/target", {**TARGET, "max_records_per_second": 100})
    assert member.calls == [("target", 5, "t", None), ("target", 5, "t", 100)]


@pytest.mark.parametrize(
    ("method", "path", "document", "status", "call"),
    [
        ("POST", "/admin/v1/prepare", {"version": 5}, 202, ("prepare", 5)),
        ("PUT", "/admin/v1/active-key", {"name": "k", "if_generation": 3}, 200, ("active-key", "k", 3, None, None)),
        (
            "PUT",
            "/admin/v1/active-key",
            {"name": "k", "if_generation": 3, "if_active": "j", "max_records_per_second": 7},
            200,
            ("active-key", "k", 3, "j", 7),
        ),
        ("POST", "/admin/v1/step-down", {"epoch": 7}, 202, ("step-down", 7)),
        ("POST", "/admin/v1/drop-roots", {"roots": ["a"], "if_generation": 3}, 200, ("drop-roots", ["a"], 3)),
    ],
)
async def test_each_call_reaches_the_member(
    member: Member, method: str, path: str, document: object, status: int, call: tuple[object, ...]
) -> None:
    assert (await asked(member, method, path, document)).status == status
    assert member.calls == [call]


async def test_a_standby_sends_a_target_to_the_master_but_prepares_itself(member: Member) -> None:
    member.instead = Redirect("https://bbs-1:8889")
    sent = await asked(member, "PUT", "/admin/v1/target", TARGET)
    assert (sent.status, sent.headers) == (307, (("Location", "https://bbs-1:8889/admin/v1/target"),))
    assert (await asked(member, "POST", "/admin/v1/prepare", {"version": 5})).status == 202


async def test_own_routes_answer_while_a_migration_runs(member: Member) -> None:
    member.instead = Unavailable("Migrating", "0 -> 5", "wait")
    assert (await asked(member, "PUT", "/admin/v1/target", TARGET)).status == 200
    assert (await asked(member, "GET", "/status", b"")).status == 200


async def test_the_certificate_is_asked_for_before_the_body_is_looked_at(member: Member) -> None:
    response = await asked(member, "PUT", "/admin/v1/target", b"no json", peer="rep")
    assert (response.status, code(response)) == (403, "WrongCertificate")


async def chunks(_request: Request) -> AsyncIterator[bytes]:
    yield b"one"
    yield b"two"


async def test_a_standby_follows_the_stream(start_server: StartServer, certificates: Certificates) -> None:
    server: BBSServer = await start_server(stream=chunks)
    async with BBSClient(f"https://localhost:{server.address.port}", certificates.client("bbs")) as standby:
        assert b"".join([chunk async for chunk in standby.follow()]) == b"onetwo"


async def test_only_a_bbs_follows_the_stream(start_server: StartServer, certificates: Certificates) -> None:
    server: BBSServer = await start_server(stream=chunks)
    async with BBSClient(f"https://localhost:{server.address.port}", certificates.client("rep")) as other:
        with pytest.raises(UnexpectedAnswer, match="403"):
            await anext(other.follow())


async def test_whoever_follows_is_subscribed_before_the_head_arrives(
    start_server: StartServer, certificates: Certificates
) -> None:
    events: list[str] = []

    def stream(_request: Request) -> AsyncIterator[bytes]:
        events.append("subscribed")
        return chunks(_request)

    server: BBSServer = await start_server(stream=stream)
    async with BBSClient(f"https://localhost:{server.address.port}", certificates.client("bbs")) as standby:
        async for _ in standby.follow():
            assert events == ["subscribed"]
            break
