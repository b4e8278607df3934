"""Faults of real engines under whole BBSes: every request and answer is recorded, and the record is checked."""
