"""`make golden [DIR=folder] [STORE=engine]`: replay a folder of recordings, say passed / total of each and of all."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.engines.relational import SERVERS
from tests.golden.judge import Check, Judge, failures
from tests.golden.recording import HERE, load, name_of, scenarios
from tests.golden.replay import replay

ABREAST = 3
STORES = ("sqlite", "etcd", *sorted(SERVERS))
SHOWN = 5
LONGEST = 2000


async def judged(path: Path, store: str = "sqlite") -> list[Check]:
    """Replay one file, once, and compare."""
    scenario = load(path)
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        replayed = await replay(scenario, Path(folder), store)
    return Judge(scenario, replayed).checks()


async def run(folder: Path, store: str, only: str, shown: int) -> bool:
    """All scenarios of a folder, a few at a time; True when all passed."""
    room = asyncio.Semaphore(ABREAST)

    async def one(path: Path) -> tuple[int, int]:
        async with room:
            started = time.monotonic()
            try:
                checks = await judged(path, store)
            except Exception as error:  # one scenario that can't be replayed must not hide what the others do
                print(f"{name_of(path):28} not replayed: {error!r}", flush=True)
                return 0, 1
        failed = failures(checks)
        passed, seconds = len(checks) - len(failed), time.monotonic() - started
        print(f"{name_of(path):28} {passed:5} / {len(checks):<5} {seconds:5.1f} s", flush=True)
        for check in failed[:shown]:
            print(explained(check), flush=True)
        return passed, len(checks)

    results = await asyncio.gather(*(one(path) for path in scenarios(folder) if only in name_of(path)))
    passed, total = sum(one for one, _ in results), sum(of for _, of in results)
    print(f"{'total':28} {passed:5} / {total:<5}")
    return passed == total


def explained(check: Check) -> str:
    """A difference, for who has to find its reason."""
    wanted, seen = str(check.wanted)[:LONGEST], str(check.seen)[:LONGEST]
    return f"    seq {check.seq} {check.part}: {check.what}\n      wanted {wanted}\n      seen   {seen}"


def main() -> int:
    """Exit code 0 when everything passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=HERE)
    parser.add_argument("--store", choices=STORES, default="sqlite")
    parser.add_argument("--only", default="", help="scenarios whose name holds this")
    parser.add_argument("--show", type=int, default=SHOWN, help="how many differences of each scenario are printed")
    options = parser.parse_args()
    return 0 if asyncio.run(run(options.folder, options.store, options.only, options.show)) else 1


if __name__ == "__main__":
    sys.exit(main())
