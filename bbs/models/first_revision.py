"""Desired LRPs as clients of the first event streams read them. Conversions apply to a copy, never to a record.

The first revision knows neither image layers nor cached dependencies, nanoseconds instead of milliseconds, and no
action that only reports progress or ignores a failure. Source: docs/reference/events.md.
"""

from __future__ import annotations

from bbs.models.revisions import desired_lrp_r2
from bbs.wire import index_pb2 as raw
from bbs.wire.container_pb2 import Action, DownloadAction, ParallelAction, SerialAction
from bbs.wire.desired_lrp_pb2 import DesiredLRP

_NANOSECONDS = 1_000_000
_UINT32 = (1 << 32) - 1
_LISTS = ("parallel_action", "serial_action", "codependent_action")
_WRAPPERS = ("emit_progress_action", "try_action")
_ORDER = ("download_action", "upload_action", "run_action", "timeout_action", *_WRAPPERS, *_LISTS)
"""Of several members that are set, the first counts."""


def desired_lrp_r0(lrp: DesiredLRP) -> None:
    """Rewrites `lrp` in place; everything that is downloaded is downloaded by `setup`."""
    desired_lrp_r2(lrp)
    for name in ("setup", "action", "monitor"):
        if lrp.HasField(name):
            setattr(lrp, name, action_r0(getattr(lrp, name)))
    lrp.deprecated_start_timeout_s = _whole(lrp.start_timeout_ms, 1000) & _UINT32
    _without_dependencies(lrp)


def _without_dependencies(lrp: DesiredLRP) -> None:
    if not lrp.cached_dependencies:
        return
    user = lrp.legacy_download_user
    downloads = [
        _download(dependency.SerializeToString(), user if isinstance(user, bytes) else user.encode())
        for dependency in lrp.cached_dependencies
    ]
    steps = [Action(parallel_action=ParallelAction(actions=downloads)).SerializeToString()]
    if lrp.HasField("setup"):
        steps.append(lrp.setup)
    lrp.setup = Action(serial_action=SerialAction(actions=steps)).SerializeToString()
    lrp.ClearField("cached_dependencies")


def _download(data: bytes, user: bytes) -> bytes:
    """Texts are copied as bytes, for they need not be UTF-8; a checksum has no place in this revision."""
    dependency = raw.CachedDependency.FromString(data)
    download = raw.DownloadAction(
        artifact=dependency.name,
        source=dependency.source,
        destination=dependency.destination,
        cache_key=dependency.cache_key,
        log_source=dependency.log_source,
        user=user,
    )
    return Action(download_action=DownloadAction.FromString(download.SerializeToString())).SerializeToString()


class _Level:
    """A list of actions on the way down: what is still to be converted, and what is."""

    __slots__ = ("action", "converted", "name", "pending")

    def __init__(self, action: Action, name: str) -> None:
        self.action, self.name = action, name
        self.pending: list[bytes] = list(reversed(getattr(action, name).actions))
        self.converted: list[bytes] = []

    def whole(self) -> bytes:
        """The list with its converted members, and nothing beside it."""
        listed = getattr(self.action, self.name)
        listed.ClearField("actions")
        listed.actions.extend(self.converted)
        return _alone(self.action, self.name)


def action_r0(data: bytes) -> bytes:
    """An action of any depth in the form of the first revision, without recursion."""
    levels: list[_Level] = []
    step: bytes | None = data
    while True:
        done = None
        if step is not None:
            done = _step(step, levels)
        elif not levels[-1].pending:
            done = levels.pop().whole()
        if done is not None:
            if not levels:
                return done
            levels[-1].converted.append(done)
        step = levels[-1].pending.pop() if levels[-1].pending else None


def _step(data: bytes, levels: list[_Level]) -> bytes | None:
    """The converted action, or None when it was a list, which is now the last level."""
    while True:
        action = Action.FromString(data)
        name = next((name for name in _ORDER if action.HasField(name)), None)
        if name in _WRAPPERS:
            data = getattr(action, name).action
            continue
        if name in _LISTS:
            levels.append(_Level(action, name))
            return None
        if name == "timeout_action":
            action.timeout_action.deprecated_timeout_ns = _int64(action.timeout_action.timeout_ms * _NANOSECONDS)
            return _alone(action, name)
        return data


def _alone(action: Action, name: str) -> bytes:
    """The action with that member only."""
    alone = Action()
    getattr(alone, name).CopyFrom(getattr(action, name))
    return alone.SerializeToString()


def _int64(value: int) -> int:
    """What is left of a number that does not fit, as Go's arithmetic leaves it: an event is told all the same."""
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


def _whole(value: int, by: int) -> int:
    """Division towards zero, as Go divides."""
    return value // by if value >= 0 else -(-value // by)
