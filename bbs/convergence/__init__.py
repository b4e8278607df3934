"""What the BBS does unasked: bring instances and tasks to where they should be (docs/reference/convergence.md)."""

from bbs.convergence.lrps import lrp_slices, lrp_steps
from bbs.convergence.tasks import task_slices, task_steps
from bbs.convergence.timing import Timing

__all__ = ["Timing", "lrp_slices", "lrp_steps", "task_slices", "task_steps"]
