"""The suite of all migrations: 100,000 records from data version 0 to the newest, on each engine, within two minutes.

The threshold is the story's own; how long it takes beside what a driver needs for the same rows is measured by
`python -m benchmarks.migration.suite`. Each single step is a test of its own with fewer records (test_runner_success).
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bbs.layouts.registry import layouts
from bbs.migration.reading import Place as Root
from tests.crash.places import PLACES
from tests.crash.setting import make_keyring
from tests.migration.held import digest_of, held, put_rows
from tests.migration.multitude import digest, rows

RECORDS = 100_000
THRESHOLD_S = 120.0


@pytest.mark.parametrize("engine", sorted(PLACES))
async def test_a_hundred_thousand_records_reach_the_newest_version_within_two_minutes(
    engine: str, tmp_path: Path
) -> None:
    place, newest = PLACES[engine](tmp_path), max(layouts())
    place.start()
    try:
        async with held(place, 0, make_keyring(tmp_path / "keys")) as (parts, committer, holder):
            await put_rows(committer, rows(RECORDS, layouts()[0]))
            began = time.monotonic()
            await holder.migrate(newest, lambda done, total: None)
            took = time.monotonic() - began
            root = Root(layouts()[newest], committer.anchor.live.root, parts.keys.cipher(layouts()[newest]))
            assert await digest_of(committer, root) == digest(RECORDS)
            assert took < THRESHOLD_S
    finally:
        place.stop()
