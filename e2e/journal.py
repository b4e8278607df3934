"""The probe pod's log, followed while it is written: half of the proof, beside the audit log of the same clock."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from e2e.expect import Failure
from e2e.places import environment

Event = dict[str, Any]


class Journal:
    """Events of one probe pod, in order. Times are the node's, RFC 3339 with microseconds, so they sort as text."""

    def __init__(self, namespace: str, pod: str, file: Path) -> None:
        self._file = file
        self._events: list[Event] = []
        self._grown = threading.Condition()
        self._process = subprocess.Popen(
            ["kubectl", "-n", namespace, "logs", "--follow", pod],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(),
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def close(self) -> None:
        """Stop following."""
        self._process.terminate()
        self._process.wait(timeout=10)
        self._reader.join(timeout=10)

    def events(self, name: str = "", since: str = "", until: str = "~") -> list[Event]:
        """Those with this name and between these times."""
        with self._grown:
            seen = list(self._events)
        return [e for e in seen if name in ("", e["event"]) and since <= e["time"] <= until]

    def await_event(self, what: str, wanted: Callable[[Event], bool], within: float, since: str = "") -> Event:
        """The first event at or after `since` that is wanted. Raises Failure."""
        deadline, looked = time.monotonic() + within, 0
        while True:
            with self._grown:
                fresh = self._events[looked:]
                looked = len(self._events)
                if not fresh:
                    self._grown.wait(timeout=0.5)
            for event in fresh:
                if event["time"] >= since and wanted(event):
                    return event
            if self._process.poll() is not None and not fresh:
                raise Failure(f"{what}: the probe has ended; see {self._file}")
            if time.monotonic() > deadline:
                raise Failure(f"{what}: not seen by the probe within {within:.0f} s")

    def answers(self, since: str, until: str = "~") -> Counter[str]:
        """How many calls through the Service were answered how."""
        total: Counter[str] = Counter()
        for event in self.events("calls", since, until):
            total.update(event["counts"])
        return total

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._file.open("a") as copy:
            for line in self._process.stdout:
                copy.write(line)
                if line.startswith("{"):
                    self._take(json.loads(line))
                copy.flush()

    def _take(self, event: Event) -> None:
        with self._grown:
            self._events.append(event)
            self._grown.notify_all()


def statuses(journal: Journal, since: str = "") -> Iterator[Event]:
    """What the members said of themselves."""
    return (event for event in journal.events("status", since) if "unreachable" not in event)
