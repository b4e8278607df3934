"""Convergence as a process of its own: fetch, harmonize, update (docs/reference/external-converger.md)."""
