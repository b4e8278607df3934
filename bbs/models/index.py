"""From a record's bytes to the entry that memory keeps: parses the indexed fields and nothing else.

Loading 200,000 records runs this for each, hence the small messages of `bbs/wire/index.proto`: the rest of a record
passes by unread.
"""

from __future__ import annotations

from google.protobuf.message import DecodeError

from bbs.models.records import NEVER, Kind, Nanoseconds, Presence, Record
from bbs.models.state import Entry
from bbs.wire import index_pb2 as wire

PRESENCES = (Presence.ORDINARY, Presence.EVACUATING, Presence.SUSPECT)
TASK_STATES = ("Invalid", "Pending", "Running", "Completed", "Resolving")

_actual_lrp = wire.ActualLRP.FromString
_desired_lrp = wire.DesiredLRP.FromString
_task = wire.Task.FromString


def index(kind: Kind, key: str, data: bytes, deadline: Nanoseconds = NEVER) -> Entry:
    """The entry of a record. Raises ValueError when the bytes are no message of that kind."""
    try:
        return _indexed(kind, key, data, deadline)
    except (DecodeError, IndexError) as error:
        msg = f"{kind.value} {key!r}: {error}"
        raise ValueError(msg) from error


def indexed(record: Record) -> Entry:
    """The entry of `record`."""
    return index(record.kind, record.key, record.data, record.deadline)


def _indexed(kind: Kind, key: str, data: bytes, deadline: Nanoseconds) -> Entry:
    match kind:
        case Kind.ACTUAL_LRPS:
            actual = _actual_lrp(data)
            lrp = actual.actual_lrp_key
            cell = actual.actual_lrp_instance_key.cell_id
            return Entry(
                kind,
                key,
                data,
                deadline,
                lrp.process_guid,
                lrp.domain,
                cell,
                actual.state,
                lrp.index,
                actual.presence,
            )
        case Kind.DESIRED_LRPS:
            desired = _desired_lrp(data)
            return Entry(kind, key, data, deadline, desired.process_guid, desired.domain)
        case Kind.TASKS:
            task = _task(data)
            state = TASK_STATES[task.state] if task.state >= 0 else TASK_STATES[0]
            return Entry(kind, key, data, deadline, task.task_guid, task.domain, task.cell_id, state)
        case Kind.DOMAINS:
            return Entry(kind, key, data, deadline, key, key)
