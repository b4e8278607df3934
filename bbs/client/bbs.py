"""The BBS as its callers see it: every route as bytes, the calls of cells, auctioneer and operator by name."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from google.protobuf.message import Message

from bbs.client.asking import Response
from bbs.client.caller import PROTOBUF, Caller, admin_document, protobuf_body
from bbs.client.errors import BBSError
from bbs.client.events import EventCalls
from bbs.client.lrps import LRPCalls
from bbs.client.subscription import Subscription
from bbs.client.tasks import TaskCalls
from bbs.client.tls import ClientTLS
from bbs.wire import core_pb2


class BBSClient(LRPCalls, TaskCalls, EventCalls):
    """Calls the BBS at `url` (https with `tls`, http without) and follows it to its master.

    `dial`: connect to this host instead, while the certificate must still name the URL's. `timeout`: total seconds
    of a call with all its repetitions, unless a call names its own. Raises BBSError, NotAvailable, Refused.
    """

    def __init__(
        self, url: str, tls: ClientTLS | None = None, *, dial: str | None = None, timeout: float = 10.0
    ) -> None:
        self._caller = Caller(url, tls, dial=dial, timeout=timeout)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, e: BaseException | None, t: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the idle connections."""
        await self._caller.close()

    # --- /v1 ---

    async def call(self, path: str, request: bytes = b"", within: float | None = None) -> bytes:
        """The serialized response of a `/v1` route; an error inside it is left to the caller."""
        answer = await self._caller.exchange("POST", path, request, PROTOBUF, within)
        return protobuf_body(answer, path)

    async def ask(
        self, path: str, request: Message | None, response: Response, within: float | None = None
    ) -> Response:
        """Call with messages: `response` filled and returned. Raises BBSError when it carries an error."""
        body = await self.call(path, request.SerializeToString() if request is not None else b"", within)
        response.ParseFromString(body)
        carried = getattr(response, "error", None)
        if carried is not None and response.HasField("error"):
            raise BBSError(carried.type, carried.message)
        return response

    async def open_stream(self, method: str, path: str, body: bytes) -> Subscription:
        """An event stream by its path, of any revision. Raises NotAvailable, UnexpectedAnswer."""
        return await self._caller.open_stream(method, path, body)

    async def ping(self, within: float | None = None) -> bool:
        """Whether a master serves."""
        return (await self.ask("/v1/ping", None, core_pb2.PingResponse(), within)).available

    async def cells(self) -> list[core_pb2.CellPresence]:
        """The cells that are present in Locket."""
        return list((await self.ask("/v1/cells/list.r1", None, core_pb2.CellsResponse())).cells)

    async def domains(self) -> list[str]:
        """The names of the fresh domains."""
        return list((await self.ask("/v1/domains/list", None, core_pb2.DomainsResponse())).domains)

    async def upsert_domain(self, domain: str, ttl: int) -> None:
        """Declare a domain fresh for `ttl` seconds, 0 for ever."""
        request = core_pb2.UpsertDomainRequest(domain=domain, ttl=ttl)
        await self.ask("/v1/domains/upsert", request, core_pb2.UpsertDomainResponse())

    # --- own routes ---

    async def status(self, within: float | None = None) -> dict[str, Any]:
        """The /status document of the member that is dialled, master or not."""
        return admin_document(await self._caller.exchange("GET", "/status", b"", "application/json", within))

    async def prepare(self, version: int) -> None:
        """Start the read-only rehearsal of a migration; the verdict appears in `status()["prepared"]`."""
        await self._admin("POST", "/admin/v1/prepare", {"version": version})

    async def set_target(
        self,
        version: int,
        token: str,
        if_generation: int,
        max_records_per_second: int | None = None,
        mode: str | None = None,
    ) -> dict[str, Any]:
        """Raise, withdraw or retry the target. Returns {generation}. Refused (412): the generation is stale."""
        document: dict[str, Any] = {"version": version, "token": token, "if_generation": if_generation}
        optional = {"max_records_per_second": max_records_per_second, "mode": mode}
        document |= {key: value for key, value in optional.items() if value is not None}
        return await self._admin("PUT", "/admin/v1/target", document)

    async def set_move(self, token: str, if_generation: int, *, wanted: bool) -> dict[str, Any]:
        """Move the records to the other store, again after a failure, or withdraw that. Returns {generation}.

        `if_generation` is that of `status()["move"]`. Refused (412): it is stale; (422): not possible.
        """
        document = {"wanted": wanted, "token": token, "if_generation": if_generation}
        return await self._admin("PUT", "/admin/v1/move", document)

    async def set_active_key(
        self, name: str, if_generation: int, *, if_active: str | None = None, max_records_per_second: int | None = None
    ) -> dict[str, Any]:
        """Make `name` the active key. Refused (412): the generation is stale, or another key is active than that."""
        document: dict[str, Any] = {"name": name, "if_generation": if_generation}
        optional = {"if_active": if_active, "max_records_per_second": max_records_per_second}
        document |= {key: value for key, value in optional.items() if value is not None}
        return await self._admin("PUT", "/admin/v1/active-key", document)

    async def drop_roots(self, roots: list[str], if_generation: int) -> dict[str, Any]:
        """Drop roots that are neither live nor staged."""
        return await self._admin("POST", "/admin/v1/drop-roots", {"roots": roots, "if_generation": if_generation})

    async def step_down(self, epoch: int) -> None:
        """Ask the master of `epoch` to hand over. Raises Refused (412) when another epoch is held."""
        await self._admin("POST", "/admin/v1/step-down", {"epoch": epoch})

    # --- an external converger ---

    async def take_convergence(self, owner: str, ttl_s: float) -> dict[str, Any]:
        """Take the turn of convergence, or keep it. Returns what a run has to know. Refused (409): somebody has it."""
        return await self._admin("PUT", "/convergence/v1/turn", {"owner": owner, "ttl_s": ttl_s})

    async def release_convergence(self, owner: str) -> None:
        """Give the turn back."""
        await self._admin("POST", "/convergence/v1/release", {"owner": owner})

    async def records(self, kind: str) -> list[dict[str, Any]]:
        """All records of a kind (desired_lrps, ...): key, data (base64), deadline."""
        path = f"/convergence/v1/records/{kind}"
        answer = await self._caller.exchange("GET", path, b"", "application/json")
        if answer.status != 200:
            admin_document(answer)
        return [json.loads(line) for line in answer.body.splitlines()]

    async def update_convergence(self, document: dict[str, Any]) -> dict[str, Any]:
        """Apply steps. Returns {applied, stale, failed}. Refused (412): the turn is not the caller's."""
        return await self._admin("POST", "/convergence/v1/update", document)

    async def ask_convergence(self) -> dict[str, Any]:
        """Have the BBS itself converge soon. Returns {queued, running}."""
        return await self._admin("POST", "/convergence/v1/run", {})

    def follow(self, epoch: int = 0, seq: int = 0) -> AsyncIterator[bytes]:
        """The master's commit stream (certificate of a BBS only), as chunks of bytes."""
        return self._caller.stream(f"/stream/v1?epoch={quote(str(epoch))}&seq={quote(str(seq))}")

    async def _admin(self, method: str, path: str, document: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps(document).encode()
        return admin_document(await self._caller.exchange(method, path, body, "application/json"))
