"""Actions: what runs in a container. A tree of any depth, walked without recursion of the parser.

Nested actions are opaque bytes in `bbs.wire` (the protobuf runtime refuses deep messages), so each level is parsed when
it is reached. Of several members that are set, the one with the lowest number counts. The apps of a deployment are
started and watched in much the same way, so what was found about a short action is kept for the next app.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from google.protobuf.message import DecodeError

from bbs.models.errors import INVALID_REQUEST, Refused
from bbs.models.extent import ACTION_BYTES_LIMIT, ELEMENTS_LIMIT, too_many
from bbs.models.validation.failures import Failures, field, missing
from bbs.models.wire_types import with_right_wire_types
from bbs.wire.container_pb2 import Action

NO_ACTION = "invalid action type"
_ALGORITHMS = ("md5", "sha1", "sha256")

_KEPT, _KEPT_LENGTH = 1024, 512
"""How many actions are kept with what was found, and the bytes of the longest."""

Step = str | bytes
"""A failure text, or a nested action that is still to be looked at."""


def action_failures(data: bytes) -> Failures:
    """All failures of an action and those nested in it, in order of writing. Refuses a tree that is too large."""
    failures: Failures = []
    pending: list[Step] = [data]
    actions = size = 0
    while pending:
        step = pending.pop()
        if isinstance(step, str):
            failures.append(step)
            continue
        actions, size = actions + 1, size + len(step)
        if actions > ELEMENTS_LIMIT or size > ACTION_BYTES_LIMIT:
            raise too_many("actions, or nests them too deep")
        pending.extend(reversed(_kept(step) if len(step) <= _KEPT_LENGTH else _steps(step)))
    return failures


def named_action_failures(name: str, data: bytes) -> Failures:
    """As `action_failures`, introduced by the name of the field that holds the action."""
    failures = action_failures(data)
    return [field(name), *failures] if failures else []


def checksum_failures(message: Any) -> Failures:
    """A checksum needs both its algorithm and its value, and an algorithm that cells know."""
    algorithm, value = message.checksum_algorithm, message.checksum_value
    if value and not algorithm:
        return [field("checksum algorithm")]
    if algorithm and not value:
        return [field("checksum value")]
    if algorithm and str(algorithm).lower() not in _ALGORITHMS:
        return [field("invalid algorithm")]
    return []


@lru_cache(_KEPT)
def _kept(data: bytes) -> Sequence[Step]:
    return tuple(_steps(data))


def _steps(data: bytes) -> list[Step]:
    try:
        members = with_right_wire_types(Action.FromString(data), data).ListFields()
    except DecodeError as error:
        raise Refused(INVALID_REQUEST) from error
    if not members:
        return [field("inner-action")]
    kind, action = members[0]
    return _RULES[kind.name](action)


def _download(message: Any) -> list[Step]:
    return [*missing(message, "from", "to", "user"), *checksum_failures(message)]


def _upload(message: Any) -> list[Step]:
    return [*missing(message, "to", "from", "user")]


def _run(message: Any) -> list[Step]:
    return [*missing(message, "path", "user")]


def _timeout(message: Any) -> list[Step]:
    steps = _wrapper(message)
    return [*steps, field("timeout_ms")] if message.timeout_ms <= 0 else steps


def _wrapper(message: Any) -> list[Step]:
    return [message.action] if message.HasField("action") else [field("action")]


def _list(message: Any) -> list[Step]:
    actions: Iterable[bytes] = message.actions
    return list(actions) or [field("actions")]


_RULES: dict[str, Callable[[Any], list[Step]]] = {
    "download_action": _download,
    "upload_action": _upload,
    "run_action": _run,
    "timeout_action": _timeout,
    "emit_progress_action": _wrapper,
    "try_action": _wrapper,
    "parallel_action": _list,
    "serial_action": _list,
    "codependent_action": _list,
}
