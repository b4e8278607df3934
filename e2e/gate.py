"""The gate: one short life on one cluster, in the order that makes each step the next one's beginning."""

from __future__ import annotations

from e2e.life import Life
from e2e.scenarios import s0, s1, s3, s8


def begin(life: Life) -> str:
    """0.1.0 at data version 0 with 2,000 seeds; apps and load run."""
    life.create()
    life.start_probe()
    return s0.run_on(life)


def killed(life: Life) -> str:
    """The upgrade, with the master's server killed half way."""
    return s1.upgrade(life, kill=True)


STEPS = (("S0", begin), ("S3a", s3.before_the_apply), ("S1-killed", killed), ("S8", s8.run_on))
