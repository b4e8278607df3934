"""Tests of the decision: a simulated world, a scenario per gate, tables of conditions."""
