"""PURE: the Kubernetes objects of one Diego as dicts, and their hashes. No I/O, no clock, no randomness."""
