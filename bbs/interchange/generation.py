"""Generated records: realistic ones of every kind, the same for the same seed, held without loss by every layout.

`inert` ones outlive every rule of convergence (docs/reference/export.md): domains `seed-*` without end, a rootfs no
cell offers, no cell named, crashed LRPs beyond the last restart, times in the year 2100 so that every age is negative.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from bbs.interchange import generated_workloads as workloads
from bbs.interchange.reader import message_from_object
from bbs.interchange.schema import MESSAGE_OF
from bbs.models.records import NEVER, Kind, Nanoseconds, Presence, Record, actual_lrp_key

SECOND: Nanoseconds = 1_000_000_000
_RECENT: Nanoseconds = 1_790_000_000 * SECOND
_YEAR_2100: Nanoseconds = 4_102_444_800 * SECOND
_RECORDS_A_DOMAIN = 400
_MOST_DOMAINS = 8
_BEYOND_RESTART = 200
"""The crash count from which no crashed LRP is started again."""
_INERT_ROOTFS = "preloaded:seed-none"
_TASK_STATES = ("Pending", "Running", "Completed", "Resolving")
# Pending tasks are put up for auction in every run of convergence, whatever their age.
_INERT_TASK_STATES = ("Completed", "Resolving")
_CRASHES = (
    "APP/PROC/WEB: Exited with status 137 (out of memory)",
    "Instance never healthy after 1m0s: failed to make TCP connection to 10.255.12.7:8080: connection refused",
    "failed to create container: running image plugin create: pulling the image: quota exceeded",
)
_CELLS = 40


class Dice(Random):
    """Chances that are the same on every version of Python: only `getrandbits` is drawn from."""

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1."""
        return self.getrandbits(32) * limit >> 32

    def one(self, choices: tuple[str, ...]) -> str:
        """One of the choices."""
        return choices[self.below(len(choices))]

    def guid(self) -> str:
        """A guid of version 4's form."""
        text = f"{self.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def generate(records: int, seed: int, *, inert: bool) -> Iterator[Record]:
    """Exactly `records` records: domains first, then desired LRPs, each followed by its actual LRPs, and tasks."""
    return iter(_Generation(seed, inert).records(records))


class _Generation:
    def __init__(self, seed: int, inert: bool) -> None:
        self._dice = Dice(seed)
        self._inert = inert
        self._now = _YEAR_2100 if inert else _RECENT
        self._rootfs = _INERT_ROOTFS if inert else "preloaded:cflinuxfs4"
        self._domains: list[str] = []

    def records(self, wanted: int) -> Iterator[Record]:
        if wanted <= 0:
            return
        left = wanted
        for record in self._make_domains(min(wanted, _MOST_DOMAINS, 1 + wanted // _RECORDS_A_DOMAIN)):
            yield record
            left -= 1
        while left > 0:
            batch = [self._task()] if self._dice.below(4) == 0 else self._app(left)
            yield from batch
            left -= len(batch)

    def _make_domains(self, count: int) -> Iterator[Record]:
        for number in range(count):
            name = f"seed-{number}" if self._inert else ("cf-apps", "cf-tasks", f"space-{number}")[min(number, 2)]
            self._domains.append(name)
            ends = self._now + (120 + 30 * number) * SECOND
            yield Record(Kind.DOMAINS, name, b"", NEVER if self._inert or number == 2 else ends)

    def _domain(self) -> str:
        return self._domains[self._dice.below(len(self._domains))]

    def _time(self) -> Nanoseconds:
        return self._now + self._dice.below(86_400) * SECOND + self._dice.below(SECOND)

    def _tag(self) -> dict[str, Any]:
        return {"epoch": self._dice.guid(), "index": self._dice.below(50)}

    # --- LRPs ---------------------------------------------------------------------------------------------------------

    def _app(self, most: int) -> list[Record]:
        """A desired LRP and the actual LRPs of its instances, `most` records at most."""
        instances = min((0, 1, 1, 1, 2, 3)[self._dice.below(6)], most - 1)
        guid, domain = f"{self._dice.guid()}-{self._dice.guid()}", self._domain()
        desired = workloads.desired_lrp(self._dice, guid, domain, self._rootfs, instances)
        routes = {name: json.dumps(route, separators=(",", ":")) for name, route in desired["routes"].items()}
        data = message_from_object(MESSAGE_OF[Kind.DESIRED_LRPS], desired | {"modification_tag": self._tag()}, routes)
        return [
            Record(Kind.DESIRED_LRPS, guid, data),
            *(self._instance(guid, index, domain) for index in range(instances)),
        ]

    def _instance(self, guid: str, index: int, domain: str) -> Record:
        evacuating = not self._inert and self._dice.below(25) == 0
        presence = Presence.EVACUATING if evacuating else Presence.ORDINARY
        actual: dict[str, Any] = {
            "process_guid": guid,
            "index": index,
            "domain": domain,
            "since": self._time(),
            "modification_tag": self._tag(),
            "presence": presence.name,
            "OptionalRoutable": {"routable": False},  # as every row of a BBS has it; one that runs says its own
        }
        actual |= self._state(guid, running=evacuating)
        data = message_from_object(MESSAGE_OF[Kind.ACTUAL_LRPS], actual, {})
        ends = self._now + 600 * SECOND if evacuating else NEVER
        return Record(Kind.ACTUAL_LRPS, actual_lrp_key(guid, index, presence), data, ends)

    def _state(self, guid: str, *, running: bool) -> dict[str, Any]:
        crashed = {"state": "CRASHED", "crash_count": _BEYOND_RESTART, "crash_reason": self._dice.one(_CRASHES)}
        if self._inert:
            return crashed
        on_cell = {"instance_guid": self._dice.guid(), "cell_id": f"cell-{self._dice.below(_CELLS)}"}
        match 10 if running else self._dice.below(10):
            case 0:
                return crashed | {"crash_count": 1 + self._dice.below(_BEYOND_RESTART)}
            case 1:
                return {"state": "UNCLAIMED", "placement_error": "found no compatible cell"}
            case 2:
                return {"state": "CLAIMED"} | on_cell
            case _:
                return {"state": "RUNNING"} | on_cell | workloads.running(self._dice, guid)

    # --- tasks --------------------------------------------------------------------------------------------------------

    def _task(self) -> Record:
        guid, domain, created = self._dice.guid(), self._domain(), self._time()
        task = workloads.task_definition(self._dice, guid, self._rootfs)
        task |= {"task_guid": guid, "domain": domain, "created_at": created, "updated_at": created}
        task |= self._outcome(self._dice.one(_INERT_TASK_STATES if self._inert else _TASK_STATES), created)
        return Record(Kind.TASKS, guid, message_from_object(MESSAGE_OF[Kind.TASKS], task, {}))

    def _outcome(self, state: str, created: Nanoseconds) -> dict[str, Any]:
        outcome: dict[str, Any] = {"state": state}
        if state == "Pending" and self._dice.below(3) == 0:
            outcome |= {"rejection_count": 1, "rejection_reason": "insufficient resources: memory"}
        elif state == "Running":
            outcome["cell_id"] = f"cell-{self._dice.below(_CELLS)}"
        elif state in ("Completed", "Resolving"):
            done = created + self._dice.below(300) * SECOND
            outcome |= {"first_completed_at": done, "updated_at": done}
            if self._dice.below(5) == 0:
                outcome |= {"failed": True, "failure_reason": self._dice.one(_CRASHES)}
            else:
                outcome["result"] = json.dumps({"buildpack_key": "python_buildpack", "exit": 0})
        return outcome
