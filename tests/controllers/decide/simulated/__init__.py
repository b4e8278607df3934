"""A Kubernetes, a BBS and an operator in memory, scheduled by a seed: the world that `decide` walks."""
