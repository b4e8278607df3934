"""The /status document: what a member is and does, all members always present (names.md)."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bbs.api import MAJORS
from bbs.master.memory import Memory
from bbs.master.move_status import move_document
from bbs.master.serving import Redirect, Unavailable
from bbs.migration.attempt import OFFLINE, ONLINE
from bbs.migration.decide import Hold, ShutDown
from bbs.models.records import Kind
from bbs.stores.anchor import Anchor

if TYPE_CHECKING:
    from bbs.master.member import Member

_EVACUATING, _SUSPECT = 1, 2


def status_document(member: Member) -> dict[str, Any]:
    """The whole document."""
    settings, ruler = member.parts.settings, member.ruler
    anchor = member.anchor
    memory = ruler.memory if ruler else member.standby_memory
    can = member.parts.abilities()
    return {
        "version": settings.version,
        "build": settings.build,
        "api": {"majors": list(MAJORS.served)},
        "layouts": {"reads": sorted(can.reads), "serves": sorted(can.serves)},
        "member": {"pod": settings.member, "uid": settings.uid},
        "role": _role(member),
        "state": _state(member),
        "reason": _reason(member),
        "epoch": anchor.epoch if anchor else None,
        "seq": anchor.seq if anchor else None,
        "lease_age_ms": round(ruler.lease.age() * 1000) if ruler else None,
        "master": _master(member),
        "store": {
            "type": settings.store_type,
            "id": anchor.store_id if anchor else None,
            "owner": anchor.owner if anchor else None,
            "migrated_from": anchor.moved_from if anchor else None,
            "space": ruler.space._asdict() if ruler and ruler.space else None,
        },
        "live": asdict(anchor.live) if anchor else None,
        "old_roots": list(ruler.old_roots) if ruler else [],
        "data": _data(anchor),
        "migration": _migration(member, anchor),
        "move": move_document(member),
        "prepared": _prepared(member),
        "keys": {
            "active": anchor.active_key or None if anchor else None,
            "stored": anchor.key_label if anchor else None,
            "loaded": sorted(member.parts.keys.loaded()),
            "counts": _key_counts(member, anchor, memory),
            "max_records_per_second": anchor.rotation_pace if anchor else None,
        },
        "trust_sha256": member.parts.notes().get("trust_sha256"),
        "records": {kind.value: memory.count(kind) for kind in Kind} if memory else None,
        "unreadable": _unreadable(memory),
        "evacuating": _with_presence(memory, _EVACUATING),
        "suspect": _with_presence(memory, _SUSPECT),
        "convergence": member.parts.notes().get("convergence") if ruler else None,
    }


def _role(member: Member) -> str:
    if member.ruler is not None:
        return "Master"
    return "Aside" if isinstance(member.trouble, ShutDown) else "Standby"


def _state(member: Member) -> str:
    if member.ruler is not None:
        if isinstance(member.ruler.reason, Unavailable):
            return "StoreUnavailable"
        return member.ruler.state
    match member.trouble:
        case ShutDown():
            return "Refused"
        case Unavailable():
            return "StoreUnavailable"
        case _:
            return "Following"


def _reason(member: Member) -> dict[str, Any] | None:
    reason = member.ruler.reason if member.ruler is not None else member.trouble
    if not isinstance(reason, Hold | ShutDown | Unavailable):
        return None
    return {"code": reason.code, "message": reason.message, "remedy": reason.remedy}


def _master(member: Member) -> dict[str, Any] | None:
    settings = member.parts.settings
    if member.ruler is not None:
        return {"member": settings.member, "url": settings.url, "epoch": member.ruler.anchor.epoch}
    last = member.watch.last
    if last is None or not isinstance(member.gate(), Redirect):
        return None
    return {"member": last.holder.split("/")[0], "url": last.url, "epoch": last.epoch}


def _data(anchor: Anchor | None) -> dict[str, Any] | None:
    if anchor is None:
        return None
    wanted = anchor.wanted
    return {
        "current": anchor.version.current,
        "target": anchor.version.target,
        "wanted": wanted.version if wanted else None,
        "token": wanted.token if wanted else None,
        "generation": anchor.generation,
    }


def _migration(member: Member, anchor: Anchor | None) -> dict[str, Any] | None:
    """The attempt under way, or the failure that stands in the anchor."""
    progress = member.ruler.progress if member.ruler else None
    state = anchor.migration if anchor else None
    if progress is None and state is None:
        return None
    failure = state.failure if state else None
    now = member.parts.clock.steady()
    shown: dict[str, Any] = dict.fromkeys(
        ("attempt", "mode", "from", "to", "phase", "done", "total", "rate", "eta_s", "started_at", "failure")
    )
    if progress is not None:
        shown |= {
            "attempt": progress.attempt,
            "mode": progress.mode,
            "from": progress.source,
            "to": progress.target,
            "phase": progress.phase,
            "done": progress.done,
            "total": progress.total,
            "rate": round(progress.rate(now), 1),
            "eta_s": progress.eta_s(now),
            "started_at": progress.started_at,
        }
    elif state is not None:
        shown |= {"attempt": state.attempt, "mode": _mode(anchor), "phase": "Failed" if failure else "Staging"}
        if anchor is not None:
            shown |= {"from": anchor.version.current, "to": anchor.version.target}
    if failure is not None:
        shown["phase"] = "Failed"
        shown["failure"] = {
            "key": failure.key,
            "reason": failure.reason,
            "message": failure.message,
            "generation": failure.generation,
        }
    return shown


def _mode(anchor: Anchor | None) -> str:
    return ONLINE if anchor is not None and anchor.online else OFFLINE


def _prepared(member: Member) -> dict[str, Any] | None:
    return None if member.verdict is None else asdict(member.verdict)


def _unreadable(memory: Memory | None) -> dict[str, Any] | None:
    if memory is None:
        return None
    names = [f"{kind.value}/{key}" for kind, key in memory.unreadable]
    return {"count": len(names), "keys": names[:10]}


def _key_counts(member: Member, anchor: Anchor | None, memory: Memory | None) -> dict[str, int]:
    """Records by the key that seals them, "" for none; of the master only, and once it has looked."""
    rotation = member.ruler.rotation if member.ruler else None
    if rotation is None or anchor is None or memory is None or not anchor.active_key:
        return {}
    if anchor.key_label == anchor.active_key:
        return {anchor.active_key: sum(memory.count(kind) for kind in Kind)}
    return {label: count for label, count in sorted((rotation.counts or {}).items()) if count}


def _with_presence(memory: Memory | None, presence: int) -> int | None:
    if memory is None:
        return None
    return memory.tally.count(Kind.ACTUAL_LRPS, presence)
