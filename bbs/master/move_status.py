"""What `/status` says of a move to another store: of each member with two stores, whatever it is doing."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bbs.migration.move import Obstacle, standing_failure, wished
from bbs.stores.anchor import Anchor

if TYPE_CHECKING:
    from bbs.master.member import Member


def move_document(member: Member) -> dict[str, Any] | None:
    """Null for a member with one store."""
    crossing = member.crossing
    if crossing is None:
        return None
    anchor = member.anchor
    moving = member.ruler.moving if member.ruler else None
    obstacle = None if crossing.landed else crossing.obstacle(anchor.store_id if anchor else None)
    failure = standing_failure(anchor) if anchor else None
    move = anchor.move if anchor else None
    return {
        "to": crossing.destination.engine,
        "state": _state(member, obstacle),
        "wanted": anchor is not None and wished(anchor, managed=member.parts.abilities().managed),
        "generation": anchor.move_generation if anchor else 0,
        "token": move.token if move else None,
        "reason": None if obstacle is None else asdict(obstacle),
        "attempt": moving.attempt if moving else move.attempt if move else None,
        "done": moving.done if moving else None,
        "total": moving.total if moving else None,
        "failure": asdict(failure) if failure else None,
    }


def _state(member: Member, obstacle: Obstacle | None) -> str:
    crossing, ruler = member.crossing, member.ruler
    assert crossing is not None
    if crossing.landed:
        return "Moved"
    if ruler is not None and ruler.moving is not None:
        return "Running"
    if obstacle is not None:
        return "Unavailable"
    return "Failed" if ruler is not None and _failed(ruler.anchor) else "Waiting"


def _failed(anchor: Anchor) -> bool:
    return standing_failure(anchor) is not None
