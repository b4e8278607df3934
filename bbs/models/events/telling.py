"""From an occurrence to the events of one channel. A stream carries one or two channels (`bbs.events.streams`)."""

from __future__ import annotations

from enum import StrEnum

from bbs.models.desired_lrps.content import as_event, as_event_r0
from bbs.models.events.event import Event, message
from bbs.models.events.groups import group_events
from bbs.models.events.instances import instance_events
from bbs.models.events.occurrence import Occurrence, Pair
from bbs.models.tasks.reads import task_r2


class Channel(StrEnum):
    """What a stream can carry; `_R0` are the forms that clients of the first revision read."""

    DESIRED = "desired"
    DESIRED_R0 = "desired r0"
    GROUPS = "groups"
    INSTANCES = "instances"
    TASKS = "tasks"
    TASKS_R0 = "tasks r0"


def told(occurrence: Occurrence, channel: Channel) -> list[Event]:
    """The events of that channel, in order."""
    account = occurrence.account
    by_row = account.by_row or bool(occurrence.desired)
    match channel:
        case Channel.INSTANCES:
            trace_id, crash = occurrence.trace_id, account.crash
            return [event for index in occurrence.indices for event in instance_events(index, trace_id, crash=crash)]
        case Channel.GROUPS:
            crash = account.crash
            return [event for index in occurrence.indices for event in group_events(index, crash=crash, by_row=by_row)]
        case Channel.DESIRED | Channel.DESIRED_R0:
            return [_desired(pair, occurrence.trace_id, channel) for pair in occurrence.desired]
        case Channel.TASKS | Channel.TASKS_R0:
            return [_task(pair, channel) for pair in occurrence.tasks]


def _desired(pair: Pair, trace_id: str, channel: Channel) -> Event:
    form = as_event if channel is Channel.DESIRED else as_event_r0
    members = [form(data) for data in (pair.before, pair.after) if data is not None]
    return Event(f"desired_lrp_{_verb(pair)}", message(*members, trace_id=trace_id))


def _task(pair: Pair, channel: Channel) -> Event:
    members = [
        data if channel is Channel.TASKS else task_r2(data) for data in (pair.before, pair.after) if data is not None
    ]
    return Event(f"task_{_verb(pair)}", message(*members))


def _verb(pair: Pair) -> str:
    if pair.before is None:
        return "created"
    return "removed" if pair.after is None else "changed"
