"""The six streams: one row each. What they carry is in docs/reference/events.md."""

from __future__ import annotations

from dataclasses import dataclass

from bbs.models.events import Channel


@dataclass(frozen=True, slots=True)
class Stream:
    """`channels`: what it carries, each with a queue of its own. `filtered`: its body may name a cell."""

    path: str
    method: str
    channels: tuple[Channel, ...]
    filtered: bool = True


STREAMS: tuple[Stream, ...] = (
    Stream("/v1/events", "GET", (Channel.DESIRED_R0, Channel.GROUPS)),
    Stream("/v1/events.r1", "GET", (Channel.DESIRED, Channel.GROUPS)),
    Stream("/v1/events/lrp_instances", "POST", (Channel.DESIRED_R0, Channel.INSTANCES)),
    Stream("/v1/events/lrp_instances.r1", "POST", (Channel.DESIRED, Channel.INSTANCES)),
    Stream("/v1/events/tasks", "POST", (Channel.TASKS_R0,), filtered=False),
    Stream("/v1/events/tasks.r1", "POST", (Channel.TASKS,), filtered=False),
)
