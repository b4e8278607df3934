"""`bbs status`: the /status document for eyes."""

from __future__ import annotations

import json
import sys
from typing import Any

from bbs.cli.reach import Reach

Rows = list[tuple[str, str]]


async def show(reach: Reach, *, as_json: bool) -> None:
    """Print the status of the member asked."""
    async with reach.client(timeout=3.0) as client:
        document = await client.status()
    if as_json:
        print(json.dumps(document, indent=2))
        return
    if not sys.stdout.isatty():
        # A table is cut to the width of a terminal; who reads through a pipe gets whole values.
        for name, value in rows(document):
            print(f"{name:13} {value}")
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in rows(document):
        table.add_row(name, value)
    Console().print(table, highlight=False, markup=False)


def rows(status: dict[str, Any]) -> Rows:
    """What a person asks first, in that order; members that say nothing are left out."""
    found = {
        "member": _of(status, "member", "pod"),
        "version": " ".join(filter(None, [_text(status.get("version")), _text(status.get("build"))])),
        "role": _text(status.get("role")),
        "state": _text(status.get("state")),
        "reason": _reason(status.get("reason")),
        "master": " ".join(filter(None, [_of(status, "master", "member"), _of(status, "master", "url")])),
        "epoch, seq": " ".join(filter(None, [_text(status.get("epoch")), _text(status.get("seq"))])),
        "store": " ".join(filter(None, [_of(status, "store", "type"), _of(status, "store", "id")])),
        "owner": _of(status, "store", "owner"),
        "data version": _data(status.get("data")),
        "root": _of(status, "live", "root"),
        "migrated from": _of(status, "store", "migrated_from"),
        "move": _move(status.get("move")),
        "migration": _migration(status.get("migration")),
        "prepared": _prepared(status.get("prepared")),
        "active key": _of(status, "keys", "active"),
        "records": ", ".join(f"{count} {kind}" for kind, count in (status.get("records") or {}).items()),
        "unreadable": _unreadable(status.get("unreadable")),
    }
    return [(name, value) for name, value in found.items() if value]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _of(status: dict[str, Any], member: str, name: str) -> str:
    return _text((status.get(member) or {}).get(name))


def _reason(reason: dict[str, Any] | None) -> str:
    if not reason or not reason.get("code"):
        return ""
    remedy = f"; {reason['remedy']}" if reason.get("remedy") else ""
    return f"{reason['code']}: {_text(reason.get('message'))}{remedy}"


def _data(data: dict[str, Any] | None) -> str:
    if not data:
        return ""
    goes = f" -> {data['target']}" if data.get("target") not in (None, data.get("current")) else ""
    wanted = f", wanted {data['wanted']}" if data.get("wanted") not in (None, data.get("current")) else ""
    return f"{_text(data.get('current'))}{goes}{wanted}"


def _migration(migration: dict[str, Any] | None) -> str:
    if not migration or not migration.get("phase"):
        return ""
    words = f"{migration['phase']} {_text(migration.get('done'))} of {_text(migration.get('total'))}"
    failure = migration.get("failure") or {}
    return f"{words}: {failure.get('key')}: {failure.get('message')}" if failure else words


def _move(move: dict[str, Any] | None) -> str:
    if not move:
        return ""
    words = f"{_text(move.get('state'))} to {_text(move.get('to'))}"
    failure, why = move.get("failure"), _reason(move.get("reason"))
    if failure:
        why = f"{failure.get('key') or failure.get('reason')}: {failure.get('message')}"
    return f"{words}: {why}" if why else words


def _prepared(prepared: dict[str, Any] | None) -> str:
    if not prepared or prepared.get("version") is None:
        return ""
    bad = prepared.get("first_bad") or {}
    verdict = "ok" if prepared.get("ok") else f"not possible: {bad.get('key')}: {bad.get('reason')}"
    return f"{prepared['version']}, {_text(prepared.get('count'))} records, {verdict}"


def _unreadable(unreadable: dict[str, Any] | None) -> str:
    if not unreadable or not unreadable.get("count"):
        return ""
    return f"{unreadable['count']}: {', '.join(unreadable.get('keys') or [])}"
