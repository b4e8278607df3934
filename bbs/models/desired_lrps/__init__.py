"""Desired LRPs: what should run, and what follows for its instances (docs/reference/actual-lrps.md)."""
