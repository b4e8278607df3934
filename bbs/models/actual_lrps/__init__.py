"""Actual LRPs: the rows of an index and every change of them (docs/reference/actual-lrps.md, evacuation.md)."""
