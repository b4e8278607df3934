"""A committed transition as its events see it: records before and after, and the rows beside a changed one.

Made while memory still shows the time before. It holds references only and parses nothing, so that a commit pays
little for its events; what is told of it is worked out later (`telling`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bbs.models.account import Account, Shown
from bbs.models.records import Kind, Presence
from bbs.models.state import Entry, Outcome, View

Placed = tuple[Kind, str, Entry | None]
"""A key with what it holds after the commit; None: nothing."""

Rows = tuple[bytes | None, bytes | None, bytes | None]
"""The ordinary, evacuating and suspect row of one index, as stored; None: there is none."""

_PRESENCES = tuple(presence.value for presence in Presence)


@dataclass(frozen=True, slots=True)
class Pair:
    """One record before and after; None: there is none."""

    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Index:
    """The rows of one index before and after."""

    before: Rows
    after: Rows


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What one transition changed, by kind."""

    desired: tuple[Pair, ...]
    indices: tuple[Index, ...]
    tasks: tuple[Pair, ...]
    account: Account
    trace_id: str


def occurrence(view: View, placed: Sequence[Placed], outcome: Outcome) -> Occurrence | None:
    """What `outcome` did. `view` still shows the time before; None when nobody is to be told."""
    account = outcome.account
    if account.silent:
        return None
    shown = {one.key: one for one in account.shown}
    after = {(kind, key): entry for kind, key, entry in placed}
    pairs: dict[Kind, list[Pair]] = {Kind.DESIRED_LRPS: [], Kind.TASKS: []}
    prefixes: dict[str, None] = {}
    for kind, key, entry in placed:
        if kind is Kind.ACTUAL_LRPS:
            prefixes[key.rpartition("/")[0]] = None
        elif kind in pairs:
            pairs[kind].append(_pair(view.get(kind, key), entry, shown.get(key)))
    prefixes.update((key.rpartition("/")[0], None) for key in account.gone)
    pairs[Kind.TASKS] += _unchanged(view, after, account)
    indices = tuple(_index(view, prefix, after, account, shown) for prefix in prefixes)
    desired, tasks = tuple(pairs[Kind.DESIRED_LRPS]), tuple(pairs[Kind.TASKS])
    if not desired and not tasks and not indices:
        return None
    return Occurrence(desired, indices, tasks, account, outcome.trace_id)


def _unchanged(view: View, after: dict[tuple[Kind, str], Entry | None], account: Account) -> list[Pair]:
    """Tasks that are told changed although they stayed as they were."""
    pairs = []
    for one in account.shown:
        if one.before is not None and (Kind.TASKS, one.key) not in after:
            entry = view.get(Kind.TASKS, one.key)
            pairs.append(_pair(entry, entry, one))
    return pairs


def _pair(before: Entry | None, after: Entry | None, shown: Shown | None) -> Pair:
    was = before.data if before is not None else None
    now = after.data if after is not None else None
    if shown is None:
        return Pair(was, now)
    return Pair(was if shown.before is None else shown.before, now if shown.after is None else shown.after)


def _index(
    view: View,
    prefix: str,
    after: dict[tuple[Kind, str], Entry | None],
    account: Account,
    shown: dict[str, Shown],
) -> Index:
    was: list[bytes | None] = []
    now: list[bytes | None] = []
    for presence in _PRESENCES:
        key = f"{prefix}/{presence}"
        before = view.get(Kind.ACTUAL_LRPS, key)
        pair = _pair(before, after.get((Kind.ACTUAL_LRPS, key), before), shown.get(key))
        was.append(pair.before)
        now.append(None if key in account.gone else pair.after)
    return Index((was[0], was[1], was[2]), (now[0], now[1], now[2]))
