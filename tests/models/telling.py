"""What calls on a board tell, by channel."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from google.protobuf.message import Message

from bbs.client.subscription import MESSAGES
from bbs.models.events import Channel, Event, occurrence, told
from bbs.models.index import indexed
from bbs.models.state import Outcome, Transition
from bbs.wire import actual_lrp_pb2 as actual
from bbs.wire import events_pb2 as events
from tests.models.board import BY_PATH, Board

EVERYTHING = tuple(Channel)


@dataclass
class TellingBoard(Board):
    """A board that keeps the events of its last call."""

    events: dict[Channel, list[Event]] = field(default_factory=dict)
    trace_id: str = ""

    def run(self, transition: Transition) -> bytes:
        def traced(view: object, context: object) -> Outcome:
            outcome = replace(transition(view, context), trace_id=self.trace_id)  # type: ignore[arg-type]
            self._note(outcome)
            return outcome

        return super().run(traced)

    def told(self, channel: Channel, path: str = "", request: Message | bytes = b"") -> list[str]:
        """The events of a call, or of the last one, in words."""
        if path:
            self.post(path, request)
        return [words(event) for event in self.events[channel]]

    def messages(self, channel: Channel) -> list[Message]:
        """The messages of the last call."""
        return [MESSAGES[event.name].FromString(event.payload) for event in self.events[channel]]

    def _note(self, outcome: Outcome) -> None:
        placed = tuple((m.kind, m.key, None if m.record is None else indexed(m.record)) for m in outcome.mutations)
        noted = occurrence(self.records, placed, outcome)
        self.events = {channel: told(noted, channel) if noted is not None else [] for channel in EVERYTHING}


def words(event: Event) -> str:
    """`created ig RUNNING`, `changed ig UNCLAIMED>CLAIMED`; `-` is an instance without a guid, `/` parts two slots."""
    message = MESSAGES[event.name].FromString(event.payload)
    verb = event.name.rpartition("_")[2]
    match message:
        case events.ActualLRPCrashedEvent():
            return f"crashed {message.actual_lrp_instance_key.instance_guid} {message.crash_count}"
        case events.ActualLRPInstanceChangedEvent():
            guid = message.actual_lrp_instance_key.instance_guid or "-"
            presence = f" p{message.after.presence}" if message.before.presence != message.after.presence else ""
            return f"changed {guid} {message.before.state}>{message.after.state}{presence}"
        case events.ActualLRPInstanceCreatedEvent() | events.ActualLRPInstanceRemovedEvent():
            return f"{verb} {row(message.actual_lrp)}"
        case events.ActualLRPCreatedEvent() | events.ActualLRPRemovedEvent():
            return f"{verb} {group(message.actual_lrp_group)}"
        case events.ActualLRPChangedEvent():
            return f"changed {group(message.before)}>{group(message.after)}"
    return verb


def row(lrp: actual.ActualLRP) -> str:
    return f"{lrp.actual_lrp_instance_key.instance_guid or '-'} {lrp.state}"


def group(found: actual.ActualLRPGroup) -> str:
    slots = [row(getattr(found, name)) if found.HasField(name) else "" for name in ("instance", "evacuating")]
    return "/".join(slots) if slots[1] else slots[0]


__all__ = ["BY_PATH", "TellingBoard", "words"]
