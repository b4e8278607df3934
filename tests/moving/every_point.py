"""`python -m tests.moving.every_point`: a mover dies at every operation of both stores, before and after it."""

from __future__ import annotations

import asyncio

from tests.moving.points import Point, play, rehearsed


def main() -> None:
    """Fails at the first point that does not go as it must."""
    operations = rehearsed()
    points = [Point(number, moment) for number in range(1, len(operations) + 1) for moment in ("before", "applied")]
    for point in points:
        try:
            asyncio.run(play(point, operations))
        except BaseException:
            print(f"at {point}: {operations[point.operation - 1]}")
            raise
    print(f"move: {len(points)} crash points on {len(operations)} operations of both stores, all finished, rows equal")


if __name__ == "__main__":
    main()
