"""What the server may ask of a member: may I answer, what is in memory, change this, how are you.

The server knows a member only through this contract, and a member knows nothing of HTTP. Who answers a client reads
memory first, then asks `may_answer`, then writes: a deposed master says nothing (architecture.md, sentence 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from bbs.models.state import Transition, View


@dataclass(frozen=True, slots=True)
class Redirect:
    """Another member is master and its lease is known to be alive: 307 to the same path below `url`."""

    url: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Nobody can answer now: 503. `code` is one of names.md (Migrating, Held, TargetNotSet, NoMaster, ...)."""

    code: str
    message: str
    remedy: str
    source: int | None = None
    target: int | None = None
    done: int | None = None
    total: int | None = None
    eta_s: float | None = None
    retry_after_s: int = 1


class NotServing(Exception):
    """Raised by `submit` and `memory` while this member does not serve; carries what to answer instead."""

    def __init__(self, instead: Redirect | Unavailable) -> None:
        super().__init__(str(instead))
        self.instead = instead


class AnswerWithheld(Exception):
    """The lease lapsed or the epoch is lost: close the connection hard, say nothing; the outcome is unknown."""


class AdminRefusal(Exception):
    """An admin call is refused. `status`: 403, 412 (stale generation or epoch) or 422 (not possible)."""

    def __init__(self, status: int, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.remedy = remedy


class Serving(Protocol):
    """One BBS member as its server sees it."""

    def memory(self) -> View:
        """The confirmed records, for reads. Raises NotServing."""

    async def submit(self, transition: Transition) -> bytes:
        """Run a transition and return its response message once its changes, and all it read, are durable.

        Raises NotServing, AnswerWithheld, or bbs.stores StoreFull turned into NotServing(StoreFull).
        """

    def may_answer(self) -> bool:
        """Whether the read lease holds at this instant; asked after memory was read, right before bytes are written."""

    def gate(self) -> Redirect | Unavailable | None:
        """What every /v1 request gets instead of an answer; None when this member serves."""

    def status(self) -> dict[str, Any]:
        """The /status document (names.md), all members always present."""

    def ready(self) -> bool:
        """It can answer: serve, refuse with 503, or redirect to a live master."""

    async def prepare(self, version: int) -> None:
        """Start the rehearsal of a migration to `version`; the verdict appears in status. Raises AdminRefusal."""

    async def set_target(
        self, version: int, token: str, if_generation: int, limit: int | None, mode: str | None = None
    ) -> dict[str, Any]:
        """Raise, withdraw or retry: one fenced record; `limit` in records a second, `mode` Offline or Online.

        Returns {generation}. Raises AdminRefusal, NotServing."""

    async def set_active_key(
        self, name: str, if_generation: int, if_active: str | None = None, max_records_per_second: int | None = None
    ) -> dict[str, Any]:
        """Make `name` the active key. Raises AdminRefusal, NotServing."""

    async def set_move(self, token: str, if_generation: int, *, wanted: bool) -> dict[str, Any]:
        """Wish for the move to another store, or withdraw it. Returns {generation}. Raises AdminRefusal, NotServing."""

    async def drop_roots(self, roots: list[str], if_generation: int) -> dict[str, Any]:
        """Drop roots that are neither live nor staged. Raises AdminRefusal, NotServing."""

    async def step_down(self, epoch: int) -> None:
        """Hand mastership off in order. Raises AdminRefusal (412) when `epoch` is not the one held."""
