"""Deterministic simulation: production members over a simulated store, clock and network, with faults at every step."""
