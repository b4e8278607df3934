"""All migrations from data version 0 to the newest, step by step and in one, beside the raw rewrite of the same rows.

    python -m benchmarks.migration.suite [--records 100000] [--of-steps 20000] [--engine sqlite ...]

The steps one after the other are measured with fewer records than the direct way, each beside a raw rewrite of its own:
what the engine's own driver takes to read the rows and write them under another name, in the same run on the same
server. A migration also decodes, seals and fences them, reads the copy back, and looks at the source once more. Each
time is from the first commit of the attempt to the flip.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from bbs.layouts.registry import layouts
from bbs.migration.cleanup import tidy
from benchmarks.migration.raw import rewrite
from tests.crash.places import PLACES, Place
from tests.crash.setting import Setting, make_keyring
from tests.migration.held import held, put_rows
from tests.migration.multitude import rows

_RELATIONAL = ("mysql", "postgresql")


def steps(engine: str) -> list[int]:
    """The served versions above 0 in order; upstream's tables are served where they can be made."""
    return [
        version
        for version, layout in sorted(layouts().items())
        if version and layout.serves and (layout.natural_root != "tables" or engine in _RELATIONAL)
    ]


async def measure(engine: str, folder: Path, records: int, of_steps: int) -> None:
    """One engine: the direct way on one store, then the steps on another."""
    keyring = make_keyring(folder / "keys")
    place = PLACES[engine](folder / "store")
    place.start()
    try:
        await _travelled(engine, place, keyring, records, steps(engine)[-1:])
        await place.restore(None)
        await _travelled(engine, place, keyring, of_steps, steps(engine))
    finally:
        place.stop()


async def _travelled(engine: str, place: Place, keyring: Path, records: int, targets: list[int]) -> None:
    async with held(place, 0, keyring) as (_, committer, holder):
        await put_rows(committer, rows(records, layouts()[0]))
        raw = await rewrite(Setting(place.section(), place.authority, keyring), committer.anchor.live.root)
        print(f"{engine:10} raw rewrite of {records} rows     {raw:7.1f} s", flush=True)
        for target in targets:
            before, began = committer.anchor.version.current, time.monotonic()
            await holder.migrate(target, lambda done, total: None)
            took = time.monotonic() - began
            shown = f"{before} -> {target}"
            print(f"{engine:10} {shown:25} {took:7.1f} s   {took / raw:5.1f} x raw", flush=True)
            await tidy(committer, keep_superseded=False)


def main() -> None:
    """Parse, measure, clean up."""
    options = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    options.add_argument("--records", type=int, default=100_000)
    options.add_argument("--of-steps", type=int, default=20_000, help="records where each step is taken")
    options.add_argument("--engine", nargs="+", choices=sorted(PLACES), default=sorted(PLACES))
    given = options.parse_args()
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} before the measurement", flush=True)
    for engine in given.engine:
        with tempfile.TemporaryDirectory() as name:
            (Path(name) / "store").mkdir()
            asyncio.run(measure(engine, Path(name), given.records, given.of_steps))


if __name__ == "__main__":
    main()
