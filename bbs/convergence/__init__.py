"""What the BBS does unasked: bring instances and tasks to where they should be (docs/reference/convergence.md)."""

from bbs.convergence.timing import Timing
from bbs.convergence.whole import lrp_steps, task_steps

__all__ = ["Timing", "lrp_steps", "task_steps"]
