"""What members do while records move from etcd to a database."""

from __future__ import annotations

import pytest

from tests.moving.members import moving


@pytest.mark.parametrize("version", [0, 1451635200, 4_000_000_001])
async def test_records_are_served_from_the_database_once_the_move_is_asked_for(version: int) -> None:
    async with moving(version=version) as world:
        before = dict(world.etcd.rows[world.etcd.anchor.live.root])  # type: ignore[union-attr]
        world.both("a")
        await world.wish()
        await world.on_the_database()
        assert world.moved_rows() == before
        assert world.etcd.anchor is not None
        assert world.etcd.anchor.moved_to == "postgresql"
        assert world.etcd.rows[world.etcd.anchor.live.root] == before
