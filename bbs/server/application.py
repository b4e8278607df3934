"""The handler layer: which request gets which answer. No sockets, no clock of its own.

The order of a `/v1` call: path, method, gate, memory or pipeline, and the lease is asked once more by who writes the
bytes. An answer of a member that is not master never looks like one (`instead.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from bbs.api import MAJORS, Majors
from bbs.client.locket import LocketError
from bbs.events import STREAMS, EventHub
from bbs.master.external import ExternalConvergence
from bbs.master.serving import AdminRefusal, NotServing, Serving, Unavailable
from bbs.models.errors import Error, ErrorType
from bbs.models.frames import Bulk
from bbs.models.routes import CELLS_PATH, ROUTES, QueryRoute, Route, TransitionRoute
from bbs.models.rules import traced
from bbs.models.state import Context, Transition
from bbs.models.traces import passed_on
from bbs.server import convergence, following, own
from bbs.server.events import subscribed
from bbs.server.instead import instead, refusal
from bbs.server.message import Request, Response, method_not_allowed, not_found, protobuf
from bbs.server.metrics import TASK_PATHS, RequestMetrics
from bbs.server.refused import REFUSED, error_of
from bbs.server.whereabouts import RETIRE, RepURL, asked

Cells = Callable[[], Awaitable[bytes]]
"""Gives the response message of `/v1/cells/list.r1`; a failing Locket is an error inside it."""

STATUS_PATH = "/status"
STREAM_PATH = "/stream/v1"
TRACE_ID = "x-vcap-request-id"
JUST_ELECTED = Unavailable("NoMaster", "this member began to serve while the request arrived", "repeat the call")
"""The body was drained unread, and an empty body would be another request."""


class BBSApplication:
    """Answers Diego's routes and our own for one member."""

    def __init__(
        self,
        serving: Serving,
        context: Callable[[], Context],
        cells: Cells,
        *,
        stream: own.Stream | None = None,
        events: EventHub | None = None,
        admins: Iterable[str] = ("diego-operator",),
        followers: Iterable[str] = ("bbs",),
        metrics: RequestMetrics | None = None,
        settled: following.Settled = following.nothing_settles,
        rep_url: RepURL | None = None,
        converger: ExternalConvergence | None = None,
        convergers: Iterable[str] = (),
        majors: Majors = MAJORS,
        routes: Iterable[Route] = ROUTES,
    ) -> None:
        self._serving = serving
        self._context = context
        self._cells = cells
        self._stream = stream
        self._admins = frozenset(admins)
        self._followers = frozenset(followers)
        self._metrics = metrics
        self._events = events
        self._settled = settled
        self._rep_url = rep_url
        self._converger = converger
        self._convergers = self._admins.union(convergers)
        self._majors = majors
        self._routes = {route.path: route for route in routes}
        self._streams = {stream.path: stream for stream in STREAMS} if events is not None else {}
        self._methods = {
            **{route.path: route.method for route in self._routes.values()},
            **{path: stream.method for path, stream in self._streams.items()},
            **{path: row.method for path, row in own.COMMANDS.items()},
            **{path: method for path, (method, _) in convergence.ROWS.items()},
            CELLS_PATH: "POST",
            STATUS_PATH: "GET",
            STREAM_PATH: "GET",
        }

    def wants_body(self, method: str, path: str) -> bool:
        """A member that won't read a body drains it without keeping it."""
        try:
            path = self._majors.route(path, self._methods)
        except AdminRefusal:
            return False
        if path in own.COMMANDS or path in convergence.ROWS:
            return True
        reads = path in self._routes or path in self._streams
        return reads and self._methods[path] == method and self._serving.gate() is None

    def answer(self, request: Request) -> Response | Awaitable[Response]:
        """See Application."""
        try:
            request.path = self._majors.route(request.path, self._methods)
        except AdminRefusal as refused:
            return refusal(refused)
        allowed = self._methods.get(request.path)
        if allowed is None:
            return not_found()
        if request.method != allowed and not (request.method == "HEAD" and request.path == STATUS_PATH):
            return method_not_allowed(allowed) if self._there(request) else not_found()
        if request.path.startswith("/v1/"):
            return self._diego(request)
        return self._own(request)

    def observe(self, request: Request, status: int, seconds: float) -> None:
        """Count by route; a path that is none has a common name, so that a scan can't fill the memory."""
        if self._metrics is None:
            return
        if request.path in self._streams:
            self._metrics.count(request.path, status)
        else:
            self._metrics.observe(request.path if request.path in self._methods else "unknown", status, seconds)

    def _diego(self, request: Request) -> Response | Awaitable[Response]:
        gate = self._serving.gate()
        if gate is not None:
            return instead(gate, request)
        if request.forgotten and (request.path in self._routes or request.path in self._streams):
            return instead(JUST_ELECTED, request)
        if self._events is not None and (stream := self._streams.get(request.path)) is not None:
            return subscribed(request, stream, self._events)
        match self._routes.get(request.path):
            case QueryRoute() as query:
                return self._query(query, request)
            case TransitionRoute() as transition:
                return self._submit(transition, request) if self._there(request) else not_found()
            case None:
                return self._list_cells()

    def _there(self, request: Request) -> bool:
        """Whether a known path is there for this request: a route of ours is not where it says nothing new."""
        route = self._routes.get(request.path)
        return not isinstance(route, TransitionRoute) or route.exists(request.body)

    def _query(self, route: QueryRoute, request: Request) -> Response | Awaitable[Response]:
        try:
            body = route.handle(request.body, self._serving.memory(), self._context())
        except NotServing as not_serving:
            return instead(not_serving.instead, request)
        except REFUSED as refused:
            return protobuf(error_of(refused).response())
        return protobuf(body) if isinstance(body, bytes) else _put_together(body)

    async def _submit(self, route: TransitionRoute, request: Request) -> Response:
        transition = _carrying_its_id(route, request)
        try:
            if route.path == RETIRE and self._rep_url is not None:
                transition = await asked(transition, request.body, self._serving.memory(), self._rep_url)
            if (of := following.AWAITED.get(route.path)) is None:
                response = await self._serving.submit(transition)
                if self._metrics is not None and route.path in TASK_PATHS:
                    self._metrics.task(route.path, request.body, response)
                return protobuf(response)
            return protobuf(await self._followed(following.Followed(transition, of)))
        except LocketError as error:
            return protobuf(Error(ErrorType.UNKNOWN_ERROR, error.status or str(error)).response())
        except NotServing as not_serving:
            return instead(not_serving.instead, request)
        except REFUSED as refused:
            return protobuf(route.refuse(error_of(refused)))

    async def _followed(self, transition: following.Followed) -> bytes:
        response = await self._serving.submit(transition)
        if transition.effect is None:
            return response
        return await following.answer(response, transition.effect, self._settled)

    async def _list_cells(self) -> Response:
        return protobuf(await self._cells())

    def _own(self, request: Request) -> Response | Awaitable[Response]:
        if request.path == STATUS_PATH:
            return own.status(self._serving)
        if request.path == STREAM_PATH:
            return own.follow(request, self._serving, self._stream, self._followers)
        if request.path in convergence.ROWS:
            return self._converge(request)
        return own.command(own.COMMANDS[request.path], request, self._serving, self._admins)

    async def _converge(self, request: Request) -> Response:
        """The calls of an external converger: the master's alone."""
        try:
            own.require(request, self._convergers, "the routes of a converger")
            gate = self._serving.gate()
            if gate is not None:
                return instead(gate, request)
            if self._converger is None:
                return not_found()
            _, run = convergence.ROWS[request.path]
            return await run(self._converger, request)
        except AdminRefusal as refused:
            return refusal(refused)
        except NotServing as not_serving:
            return instead(not_serving.instead, request)


def _carrying_its_id(route: TransitionRoute, request: Request) -> Transition:
    """The transition of a request, whose events and calls out carry its id where the real BBS's do."""
    transition, trace_id = route.handle(request.body), request.headers.get(TRACE_ID, "")
    if route.traced:
        transition = traced(transition, trace_id)
    return passed_on(transition, route.path, trace_id)


async def _put_together(bulk: Bulk) -> Response:
    """Others get their turn between two slices; the length of the whole is known before its first byte leaves."""
    pieces: list[bytes] = []
    for piece in bulk.slices():
        pieces.append(piece)
        await asyncio.sleep(0)
    return protobuf(pieces)
