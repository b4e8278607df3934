"""A master that is stopped (SIGSTOP) for a while, shown: what left it after waking, what the store refused.

python -m benchmarks.failover.stopped [--seconds 30]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from tests.engines.etcd import EtcdServer
from tests.processes.stopped import IN_FLIGHT, IN_LINE, UNSEEN, Account, stop_the_master
from tests.processes.test_stopped_master import check

SHOWN = {"claimed", "fenced", "deposed", "answer-withheld", "renewed-late"}


def show(seen: Account) -> None:
    """Print the account."""
    print(f"stopped for {seen.stopped_s:.1f} s; epoch {seen.claimed_epoch} was claimed meanwhile")
    for name, count in seen.woken.items():
        said = seen.said[name].split(b"\r\n")[0].decode("latin-1") if name.startswith("unseen") else ""
        print(f"{name:16} {count:7} bytes after waking  {said}")
    print(f"of the list left alone the client's kernel held {seen.untouched.arrived} bytes and the master's")
    print(f"{seen.untouched.leaving}; read of the lists: {seen.listed} of {seen.length} bytes")
    for event in seen.events:
        if event["event"] in SHOWN:
            print(json.dumps(event))
    absent = [domain for domain in (IN_FLIGHT, IN_LINE, UNSEEN) if domain not in seen.export]
    print(f"absent from the export of {len(seen.export.splitlines())} records: {', '.join(absent)}")


def main() -> None:
    """Play, show, judge."""
    options = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    options.add_argument("--seconds", type=float, default=30.0)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "etcd").mkdir()
        etcd = EtcdServer(Path(name) / "etcd")
        etcd.start()
        try:
            seen = asyncio.run(stop_the_master(Path(name) / "cluster", etcd, given.seconds))
        finally:
            etcd.kill()
    show(seen)
    check(seen)
    print("nothing left the stopped master, nothing of it was stored")


if __name__ == "__main__":
    main()
