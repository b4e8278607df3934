"""Deliveries a second at 1, 100 and 1,000 subscribers over mutual TLS, in one run against one server.

    python -m benchmarks.events [--subscribers 1,100,1000] [--bytes 700] [--deliveries 100000]

The server is a process of its own whose hub is told one event per turn of its loop; the subscribers are one thread
here. What counts is the ratio of the rows: `per delivery` is the server's CPU time, which a busy machine hardly
changes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.certificates import Certificates
from tests.events.crowd import Crowd

ROOT = Path(__file__).parents[2]
FEWEST_EVENTS = 200
MOST_EVENTS = 20_000
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """The process that tells the events."""

    def __init__(self, folder: Path) -> None:
        certificates = Certificates.create(folder)
        certificates.leaf("bbs")
        self.context = certificates.context()
        command = [sys.executable, "-m", "tests.events.event_server", str(folder)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def tell(self, events: int, size: int) -> None:
        """So many events of about that many bytes, from now on."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"%d %d\n" % (events, size))
        self._process.stdin.flush()

    def cpu_s(self) -> float:
        """CPU seconds so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_mib(self) -> float:
        """Resident memory."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()


def measure(server: Server, subscribers: int, size: int, deliveries: int) -> tuple[float, float]:
    """Deliveries a second, and microseconds of the server's CPU for each; prints the row."""
    events = min(MOST_EVENTS, max(FEWEST_EVENTS, deliveries // subscribers))
    with Crowd(server.port, server.context, patience=900) as crowd:
        crowd.join(subscribers)
        begun = time.monotonic()
        server.tell(1, size)
        crowd.hear(1)
        once = time.monotonic() - begun
        cpu, begun = server.cpu_s(), time.monotonic()
        server.tell(events, size)
        crowd.hear(events + 1)
        seconds, spent = time.monotonic() - begun, server.cpu_s() - cpu
    total = events * subscribers
    rate, each = total / seconds, spent / total * 1e6
    memory = server.resident_mib()
    print(f"{subscribers:11} {events:7} {rate:13,.0f} {each:10.1f} us {once * 1000:11.1f} ms {memory:9.0f}", flush=True)
    return rate, each


def main() -> None:
    """Print the table and its ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.events")
    parser.add_argument("--subscribers", default="1,100,1000")
    parser.add_argument("--bytes", type=int, default=700, help="of an event, before base64")
    parser.add_argument("--deliveries", type=int, default=100_000, help="per row, as far as 20,000 events make them")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            print("subscribers  events  deliveries/s  per delivery  one to all   RSS MiB")
            rows = [
                measure(server, count, given.bytes, given.deliveries)
                for count in (int(word) for word in given.subscribers.split(","))
            ]
        finally:
            server.end()
    first = rows[0]
    print("ratio to the first row:", ", ".join(f"{rate / first[0]:.1f} x deliveries" for rate, _ in rows))
    print("cost of a delivery:", ", ".join(f"{each / first[1]:.2f} x" for _, each in rows))


if __name__ == "__main__":
    main()
