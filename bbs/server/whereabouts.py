"""Where the instance of a retirement is, asked of Locket before anything is told: routes go before the container stops.

A cell that Locket does not know stops nothing: the row is deleted instead, which is told once. A Locket that can't tell
ends the call before anything happened. Source: docs/reference/calls-out.md.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from bbs.models.actual_lrps.rows import LIVE
from bbs.models.records import Kind, Presence, actual_lrp_key
from bbs.models.state import Context, Outcome, Transition, View
from bbs.wire.actual_lrp_pb2 import RetireActualLRPRequest

RETIRE = "/v1/actual_lrps/retire"

RepURL = Callable[[str], Awaitable[str | None]]
"""Where a cell takes calls; None when it is not present. Raises LocketError (bbs.outbound.Presences.rep_url)."""


@dataclass(frozen=True, slots=True)
class Absent:
    """A retirement that knows one cell to be absent; a transition."""

    transition: Transition
    key: str
    cell_id: str

    def __call__(self, view: View, context: Context) -> Outcome:
        row = view.get(Kind.ACTUAL_LRPS, self.key)
        still = row is not None and row.cell_id == self.cell_id
        return self.transition(view, context._replace(cells=frozenset()) if still else context)


async def asked(transition: Transition, body: bytes, view: View, rep_url: RepURL) -> Transition:
    """`transition`, knowing whether the cell of the instance is there. Raises LocketError."""
    key = _key(body)
    row = view.get(Kind.ACTUAL_LRPS, key) if key is not None else None
    if key is None or row is None or row.state not in LIVE or await rep_url(row.cell_id) is not None:
        return transition
    return Absent(transition, key, row.cell_id)


def _key(body: bytes) -> str | None:
    try:
        key = RetireActualLRPRequest.FromString(body).actual_lrp_key
        return actual_lrp_key(key.process_guid, key.index, Presence.ORDINARY)
    except (DecodeError, TypeError, UnicodeError):
        return None
