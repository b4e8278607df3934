"""Every measurement, one after the other, and what they printed as docs/performance.md.

python -m benchmarks.report [--only NAME ...] [--print]
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
HEAD = """# Performance

Written by `make bench`: each section is a command of this repository and what it printed. Times depend on the machine
and on what else it does, so the load stands in front of each; compare within one run, not between two.

Machine: {machine}.
"""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One section. `says`: what is measured and what it is to be compared with."""

    name: str
    title: str
    says: str
    module: str
    arguments: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """As a person types it."""
        return " ".join(("python -m", self.module, *self.arguments))


LISTS = (
    "The real BBS took, on two cores and PostgreSQL with 20,000 LRPs: scheduling infos 567 ms, desired LRPs 956 ms,\n"
    "actual LRPs 174 ms, one desired LRP 0.63 ms."
)
MEASUREMENTS = (
    Measurement("lists", "Lists, 20,000 LRPs", LISTS, "benchmarks.api.lists"),
    Measurement(
        "lists-5k", "Lists, 20,000 LRPs of 5 KB", "As above.", "benchmarks.api.lists",
        ("--size", "5000", "--rounds", "5"),
    ),
    Measurement(
        "lists-15k", "Lists, 20,000 LRPs of 15 KB", "As above.", "benchmarks.api.lists",
        ("--size", "15000", "--rounds", "5"),
    ),
    Measurement(
        "lists-200k", "Lists, 200,000 LRPs", "Ten times as many.", "benchmarks.api.lists",
        ("--lrps", "200000", "--rounds", "5"),
    ),
    Measurement(
        "mix", "Everybody at once, 20,000 LRPs",
        "100 cells, their route-emitters, the cloud controller's sync and ten pushes a second; open loop.",
        "benchmarks.api.mix",
    ),
    Measurement(
        "mix-200k", "Everybody at once, 200,000 LRPs", "As above, with 1,000 cells.", "benchmarks.api.mix",
        ("--lrps", "200000", "--cells", "1000"),
    ),
    Measurement(
        "writes", "Writes, etcd", "The real BBS, on PostgreSQL: about 550 LRPs a second with 50 workers.",
        "benchmarks.api.writes",
    ),
    Measurement("writes-sqlite", "Writes, SQLite", "As above.", "benchmarks.api.writes", ("--store", "sqlite")),
    Measurement(
        "events", "Event streams, mutual TLS",
        "One server tells the same events to more and more subscribers; the cost of a delivery falls, since\n"
        "each event is encoded once. A bare event loop that only writes 1 KB pieces over TLS took 13.7 us of CPU each.",
        "benchmarks.events",
    ),
    Measurement(
        "failover", "Failover, 200,000 records",
        "From the death of a master to the next answered request: see [failover](reference/failover.md).",
        "benchmarks.failover.warm",
    ),
)  # fmt: skip


def section(measurement: Measurement) -> str:
    """Run it. Raises CalledProcessError when it fails."""
    began = time.monotonic()
    print(f"== {measurement.command}", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", measurement.module, *measurement.arguments]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    print(f"{printed}   {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return f"\n## {measurement.title}\n\n{measurement.says}\n\n```\n$ {measurement.command}\n{printed.strip()}\n```\n"


def machine() -> str:
    """What it was measured on, without its name."""
    model = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "")
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    cores = sum(line.startswith("processor") for line in _lines("/proc/cpuinfo"))
    return (
        f"{cores} cores ({model or platform.machine()}), {memory / 2**20:.0f} GiB, Python {platform.python_version()}"
    )


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()


def main() -> None:
    """All of them, or those named."""
    options = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    options.add_argument("--only", nargs="+", choices=[one.name for one in MEASUREMENTS])
    options.add_argument("--print", action="store_true", help="print the page instead of writing it")
    given = options.parse_args()
    wanted = [one for one in MEASUREMENTS if given.only is None or one.name in given.only]
    page = HEAD.format(machine=machine()) + "".join(section(one) for one in wanted)
    if given.print:
        print(page)
    else:
        PAGE.write_text(page)


if __name__ == "__main__":
    main()
