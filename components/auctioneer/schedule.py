"""Who gets what: filters, zones, scores. Pure: cells and items in, placed and unplaced out.

Source of the rules and of the words of a refusal: docs/reference/auctioneer.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from components.auctioneer.auction import LRP, Task
from components.auctioneer.candidates import Candidate

NO_CELL = "unable to communicate to compatible cells"
IN_FLIGHT = "waiting to start instance: reached in-flight start limit"


@dataclass(frozen=True, slots=True)
class Failures:
    """What found no place, and why."""

    lrps: list[tuple[LRP, str]] = field(default_factory=list)
    tasks: list[tuple[Task, str]] = field(default_factory=list)


def schedule(
    candidates: Sequence[Candidate], lrps: Iterable[LRP], tasks: Iterable[Task], *, in_flight_limit: int
) -> Failures:
    """Give the work to the candidates, which keep it; returns what is left over."""
    failures = Failures()
    for item in in_order(lrps, tasks):
        if isinstance(item, LRP):
            reason = _place_lrp(candidates, item, in_flight_limit)
            if reason is not None:
                failures.lrps.append((item, reason))
        else:
            reason = _place(candidates, item, [list(candidates)])
            if reason is not None:
                failures.tasks.append((item, reason))
    return failures


def in_order(lrps: Iterable[LRP], tasks: Iterable[Task]) -> Iterator[LRP | Task]:
    """First instances first, so that each app runs at all; then tasks; then more instances. Large before small."""
    instances = sorted({lrp.name: lrp for lrp in lrps}.values(), key=lambda lrp: -lrp.memory_mb)
    yield from (lrp for lrp in instances if lrp.index == 0)
    yield from sorted({task.name: task for task in tasks}.values(), key=lambda task: -task.memory_mb)
    yield from (lrp for lrp in instances if lrp.index > 0)


def _place_lrp(candidates: Sequence[Candidate], lrp: LRP, in_flight_limit: int) -> str | None:
    if in_flight_limit and sum(candidate.starting for candidate in candidates) >= in_flight_limit:
        return IN_FLIGHT
    return _place(candidates, lrp, _zones(candidates, lrp.process_guid))


def _zones(candidates: Sequence[Candidate], process_guid: str) -> list[list[Candidate]]:
    """The cells in groups of zones: those with the fewest instances of the app first, equal zones together."""
    counts: dict[str, int] = {}
    for candidate in candidates:
        counts[candidate.zone] = counts.get(candidate.zone, 0) + candidate.instances(process_guid)
    ordered = sorted(candidates, key=lambda candidate: counts[candidate.zone])
    return [list(group) for _, group in groupby(ordered, key=lambda candidate: counts[candidate.zone])]


def _place(candidates: Sequence[Candidate], item: LRP | Task, groups: list[list[Candidate]]) -> str | None:
    """Take the best cell of the first group that has one; else the reason of the first filter that left none."""
    compatible = list(candidates)
    if not compatible:
        return NO_CELL
    compatible = [each for each in compatible if each.offers_rootfs(item.rootfs)]
    if not compatible:
        return "found no compatible cell for required rootfs"
    compatible = [each for each in compatible if each.offers_drivers(item)]
    if not compatible:
        return "found no compatible cell with required volume drivers"
    compatible = [each for each in compatible if each.fits_tags(item)]
    if not compatible:
        return _no_tags(item)
    fitting = {each.cell_id for each in compatible if not each.short_of(item)}
    if not fitting:
        short = set.intersection(*(each.short_of(item) for each in compatible))
        return "insufficient resources" + (f": {', '.join(sorted(short))}" if short else "")
    group = next(group for group in groups if any(each.cell_id in fitting for each in group))
    best = min((each for each in group if each.cell_id in fitting), key=lambda each: (each.score(item), each.cell_id))
    best.take(item)
    return None


def _no_tags(item: LRP | Task) -> str:
    tags = ", ".join(f'"{tag}"' for tag in item.tags or ())
    if not tags:
        return "found no compatible cell with no placement tags"
    return f"found no compatible cell with placement tag{'s' if len(item.tags or ()) > 1 else ''} {tags}"
