"""The story of one rotation of keys, read from the probe's log of all `/status`, and judged."""

from __future__ import annotations

from collections.abc import Iterable

from e2e.expect import expect
from e2e.journal import Event


def activated(events: Iterable[Event], label: str) -> str:
    """When a member first told that the key is active."""
    return str(next(e["time"] for e in events if e["keys"]["active"] == label))


def distributed_before_active(events: list[Event], label: str, members: int) -> str:
    """Every member told that it has loaded the key before any told that it is active; in words."""
    at = activated(events, label)
    loaded: dict[str, str] = {}
    for event in events:
        if label in event["keys"]["loaded"]:
            loaded.setdefault(event["asked"], event["time"])
    late = {name: time for name, time in loaded.items() if time > at}
    expect(len(loaded) == members and not late, f"{label} is loaded by all members before it is active", (at, loaded))
    return f"loaded by {members} members until {max(loaded.values())[11:23]}, active {at[11:23]}"


def no_unknown_key(events: Iterable[Event]) -> None:
    """No member lacks a key that records bear, nor has a record that it can't read."""
    for event in events:
        reason, unreadable = event["reason"] or {}, event["unreadable"] or {}
        expect(reason.get("code") != "KeyMissing", "no member meets an unknown key", event)
        expect(not unreadable.get("count"), "no member has an unreadable record", event)


def share(event: Event, label: str) -> float:
    """Which part of the records bears the key by a master's word; 0 while it has not counted, or has ended."""
    keys = event.get("keys") or {}
    if event["event"] != "status" or event.get("role") != "Master" or keys.get("stored") or keys.get("active") != label:
        return 0.0
    counts = keys.get("counts") or {}
    return counts.get(label, 0) / sum(counts.values()) if counts else 0.0


def finished(events: Iterable[Event], label: str) -> str:
    """When the label record first said that all records bear the key, and no other key was counted; in words."""
    event = next((e for e in events if e["role"] == "Master" and e["keys"]["stored"] == label), None)
    expect(event, f"a master tells that all records bear {label}")
    assert event is not None
    others = {one: count for one, count in event["keys"]["counts"].items() if one != label and count}
    expect(not others, "no other key is counted any more", event["keys"])
    return str(event["time"])


def last_needed(events: Iterable[Event], label: str) -> str:
    """When a master last told that not all records bear the key. The operator may see the end before the probe does."""
    told = [e["time"] for e in events if e["role"] == "Master" and e["keys"]["stored"] != label]
    expect(told, "a master was seen before the rotation had ended")
    return str(told[-1])
