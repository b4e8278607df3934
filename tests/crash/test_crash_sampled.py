"""The crash run, sampled: `make crash` plays every point."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from random import randrange

import pytest

from tests.crash.broken import BROKEN
from tests.crash.kinds import of

ROOT = Path(__file__).parents[2]
POINTS = {"etcd": 5, "mysql": 3, "postgresql": 3, "sqlite": 5}
"""So many of each kind, drawn anew in each run."""
LIMIT_S = 560

pytestmark = pytest.mark.timeout(LIMIT_S + 20)


async def _run(module: str, *arguments: str) -> tuple[int | None, str, str]:
    """In a process of its own: a crash run forks, and must start from one without gRPC channels and threads."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, cwd=ROOT, stdout=PIPE, stderr=PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(), LIMIT_S)
    return process.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("engine", sorted(POINTS))
async def test_a_migration_cut_off_at_any_operation_is_finished_by_another_process(engine: str) -> None:
    draw = str(randrange(1_000_000))
    print(f"--engine {engine} --sample {POINTS[engine]} --draw {draw}")
    code, out, err = await _run("tests.crash.run", "--engine", engine, "--sample", str(POINTS[engine]), "--draw", draw)
    assert code == 0, out + err
    last = out.splitlines()[-1]
    assert last.startswith(f"{engine}: ")
    assert last.endswith(" crash points, all finished, digests equal")
    assert int(last.split()[1]) >= len(of(engine)) * POINTS[engine]


@pytest.mark.parametrize("name", sorted(BROKEN))
async def test_a_migration_that_breaks_its_promise_only_when_killed_is_found_out(name: str) -> None:
    arguments = ("--engine", "sqlite", "--kind", "up", "--sample", "1")
    code, out, err = await _run("tests.crash.broken", name, *arguments)
    assert code == 1, out + err
    assert "before (flip): after the kill: " in out
    assert out.splitlines()[-1].endswith(" crash points, 1 failed")
