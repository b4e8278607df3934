"""Faults of real engines under whole BBSes: every request and answer is recorded, and the record is checked."""

import os

ROUNDS = int(os.environ.get("ROUNDS") or "0")
"""How often engines are hurt: `make faults` names it; 0, in `make test`: as shortly as it makes sense."""
