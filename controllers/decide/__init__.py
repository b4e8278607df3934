"""PURE: what is wanted and what was seen in, a plan out. No I/O, no clock, no randomness, no framework."""

from controllers.decide.decision import decide
from controllers.decide.gates import GATES, Gate
from controllers.decide.observation import Observation
from controllers.decide.plan import Plan
from controllers.decide.wanted import Wanted

__all__ = ["GATES", "Gate", "Observation", "Plan", "Wanted", "decide"]
