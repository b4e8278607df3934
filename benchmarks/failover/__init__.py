"""How long nobody answers when a master dies: `python -m benchmarks.failover.warm`, `... .stopped`."""
