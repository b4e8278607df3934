"""A mover dies at an operation of either store, and another member finishes: nothing lost, nothing served twice.

Every point is played by `python -m tests.moving.every_point`; a sample of them here.
"""

from __future__ import annotations

import pytest

from tests.moving.points import Point, play, rehearsed

_SAMPLE = 10


@pytest.fixture(scope="module")
def operations() -> list[str]:
    """What an uninterrupted move asks of both stores."""
    return rehearsed()


def test_the_rehearsal_writes_to_both_stores(operations: list[str]) -> None:
    assert {name.split()[0] for name in operations} == {"etcd", "database"}


@pytest.mark.parametrize("part", range(_SAMPLE))
async def test_another_member_finishes(operations: list[str], part: int) -> None:
    number = 1 + part * (len(operations) - 1) // (_SAMPLE - 1)
    await play(Point(number, "applied" if part % 2 else "before"), operations)


@pytest.mark.parametrize("moment", ["before", "applied"])
async def test_another_member_finishes_around_the_commit_point(operations: list[str], moment: str) -> None:
    last_of_etcd = max(i for i, name in enumerate(operations, 1) if name == "etcd commit")
    await play(Point(last_of_etcd, moment), operations)
