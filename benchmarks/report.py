"""Every measurement, one after the other, and what they printed as docs/performance.md.

python -m benchmarks.report [--only NAME ...] [--print]

With --only the other sections of the page stay as they are.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmarks.plots import plot

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
HEAD = """# Performance

Written by `make bench`: each section is a command of this repository and what it printed. Times depend on the machine
and on what else it does, so the load stands in front of each; compare within one run, not between two. Sections may be
of different runs: `python -m benchmarks.report --only NAME` renews one. A load far above the number of cores means that
others worked there at the same time: such times are several times what an idle machine takes, ratios hold better.

Machine: {machine}.
"""


class Plot(NamedTuple):
    """What of the printed text becomes bars: a pattern with the groups `label` and `value`."""

    pattern: str
    unit: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """One section. `says`: what is measured and what it is to be compared with."""

    name: str
    title: str
    says: str
    module: str
    arguments: tuple[str, ...] = ()
    plot: Plot | None = None

    @property
    def command(self) -> str:
        """As a person types it."""
        return " ".join(("python -m", self.module, *self.arguments))


LISTS = (
    "The real BBS took, on two cores and PostgreSQL with 20,000 LRPs: scheduling infos 567 ms, desired LRPs 956 ms,\n"
    "actual LRPs 174 ms, one desired LRP 0.63 ms."
)
LIST = Plot(r"^(?P<label>\w[\w ]+?) +[\d.]+ MiB: .*then median +(?P<value>[\d.]+) ms", "ms, median")
MIX = Plot(r"^(?P<label>\w+: [\w ]+?) +\d+ calls:.*p99 +(?P<value>[\d.]+)", "ms, 99th percentile")
SUITE = Plot(r"^\w+ +(?P<label>\d+ -> \d+) .*?(?P<value>[\d.]+) x raw", "times the raw rewrite")
EVERYBODY = "100 cells, their route-emitters, the cloud controller's sync and ten pushes a second; open loop."
THOUSAND = "As above, with 1,000 cells."
STORY = (
    "The raw rewrite reads the same rows and writes them under another name by the same driver, in the same run. A\n"
    "migration of 100,000 records may take two minutes at most, which `make test` checks on each engine."
)


def mix(name: str, title: str, says: str, *arguments: str) -> Measurement:
    """Everybody at once."""
    return Measurement(name, title, says, "benchmarks.api.mix", arguments, MIX)


def suite(engine: str, product: str) -> Measurement:
    """All migrations on one engine."""
    title = f"Migrations of 100,000 records, {product}"
    return Measurement(f"suite-{engine}", title, STORY, "benchmarks.migration.suite", ("--engine", engine), SUITE)


MEASUREMENTS = (
    Measurement("lists", "Lists, 20,000 LRPs", LISTS, "benchmarks.api.lists", (), LIST),
    Measurement(
        "lists-5k", "Lists, 20,000 LRPs of 5 KB", "As above.", "benchmarks.api.lists",
        ("--size", "5000", "--rounds", "5"), LIST,
    ),
    Measurement(
        "lists-15k", "Lists, 20,000 LRPs of 15 KB", "As above.", "benchmarks.api.lists",
        ("--size", "15000", "--rounds", "5"), LIST,
    ),
    Measurement(
        "lists-200k", "Lists, 200,000 LRPs", "Ten times as many.", "benchmarks.api.lists",
        ("--lrps", "200000", "--rounds", "5"), LIST,
    ),
    mix("mix", "Everybody at once, 20,000 LRPs", EVERYBODY),
    mix("mix-5k", "Everybody at once, 20,000 LRPs of 5 KB", "As above.", "--size", "5000", "--seconds", "30"),
    mix("mix-15k", "Everybody at once, 20,000 LRPs of 15 KB", "As above.", "--size", "15000", "--seconds", "30"),
    mix("mix-200k", "Everybody at once, 200,000 LRPs", THOUSAND, "--lrps", "200000", "--cells", "1000"),
    mix(
        "mix-200k-5k", "Everybody at once, 200,000 LRPs of 5 KB", THOUSAND,
        *("--lrps", "200000", "--cells", "1000", "--size", "5000", "--seconds", "30"),
    ),
    mix(
        "mix-200k-15k", "Everybody at once, 200,000 LRPs of 15 KB", THOUSAND,
        *("--lrps", "200000", "--cells", "1000", "--size", "15000", "--seconds", "30"),
    ),
    Measurement(
        "writes", "Writes, etcd", "The real BBS, on PostgreSQL: about 550 LRPs a second with 50 workers.",
        "benchmarks.api.writes",
    ),
    Measurement("writes-sqlite", "Writes, SQLite", "As above.", "benchmarks.api.writes", ("--store", "sqlite")),
    Measurement(
        "convergence", "Convergence", "The real BBS took 0.8 to 1.0 s for a pass over 20,000 LRPs.",
        "benchmarks.convergence",
    ),
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
    suite("sqlite", "SQLite"),
    suite("postgresql", "PostgreSQL"),
    suite("mysql", "MariaDB"),
    suite("etcd", "etcd"),
    Measurement(
        "rotation", "Rotation of keys, 100,000 records",
        "The real BBS took 114.6 s.", "benchmarks.migration.rotation",
    ),
    Measurement(
        "online", "Online migration, 100,000 records",
        "Requests go on at their own times and none may fail; the longest wait is that of the whole migration.",
        "benchmarks.migration.online",
    ),
    Measurement(
        "upgrade", "Upgrade of a Go BBS's database, 100,000 desired and 100,000 actual LRPs",
        "The real BBS answered 503 for 13.8 s (PostgreSQL) and 44 s (MariaDB) on the way to its own newest version.",
        "benchmarks.migration.upgrade",
    ),
)  # fmt: skip


def section(measurement: Measurement) -> str:
    """Run it. Raises CalledProcessError when it fails."""
    began = time.monotonic()
    print(f"== {measurement.command}", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", measurement.module, *measurement.arguments]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    print(f"{printed}   {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    text = f"{measurement.says}\n\n```\n$ {measurement.command}\n{printed.strip()}\n```\n"
    if measurement.plot is not None:
        file = PAGE.parent / "plots" / f"{measurement.name}.svg"
        file.parent.mkdir(exist_ok=True)
        if plot(printed, measurement.plot.pattern, measurement.title, measurement.plot.unit, file):
            text += f"\n![{measurement.title}]({file.relative_to(PAGE.parent)})\n"
    return f"\n## {measurement.title}\n\n{text}"


def kept(page: str) -> dict[str, str]:
    """The sections of a page by their titles."""
    return {part.partition("\n")[0]: f"\n## {part.strip()}\n" for part in page.split("\n## ")[1:]}


def machine() -> str:
    """What it was measured on, without its name."""
    model = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "")
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    cores = sum(line.startswith("processor") for line in _lines("/proc/cpuinfo"))
    hardware = f"{cores} cores ({model or platform.machine()}), {memory / 2**20:.0f} GiB"
    return f"{hardware}, Python {platform.python_version()}, nice {os.nice(0)}"


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()


def main() -> None:
    """All of them, or those named."""
    options = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    options.add_argument("--only", nargs="+", choices=[one.name for one in MEASUREMENTS])
    options.add_argument("--print", action="store_true", help="print the page instead of writing it")
    given = options.parse_args()
    wanted = [one for one in MEASUREMENTS if given.only is None or one.name in given.only]
    found = kept(PAGE.read_text()) if given.only and PAGE.exists() else {}
    found |= {one.title: section(one) for one in wanted}
    page = HEAD.format(machine=machine()) + "".join(found.get(one.title, "") for one in MEASUREMENTS)
    if given.print:
        print(page)
    else:
        PAGE.write_text(page)


if __name__ == "__main__":
    main()
