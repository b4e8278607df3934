"""A master that was stopped for longer than its lease says nothing and changes nothing when it wakes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.engines.etcd import EtcdServer
from tests.processes.stopped import IN_FLIGHT, IN_LINE, UNSEEN, Account, stop_the_master


async def test_a_stopped_master_that_wakes_says_nothing_and_changes_nothing(folder: Path, etcd: EtcdServer) -> None:
    check(await stop_the_master(folder, etcd, seconds=8))


def check(seen: Account) -> None:
    """The promise, on what was seen."""
    logged = Counter(event["event"] for event in seen.events)
    # What had been taken in by the old master: not one raw byte after waking, not even of TLS, nor that a stream ends.
    for name in ("write", "write in line", "list being read", "stream", "events"):
        assert seen.woken[name] == 0, (name, seen.woken, seen.said[name][:200])
    # The list that nobody read on: exactly what lay in the client's own kernel; the rest, held by the master's kernel
    # and by the process, was taken back.
    assert seen.untouched.leaving > 0
    assert seen.woken["list left alone"] == seen.untouched.arrived
    assert all(0 < length < seen.length for length in seen.listed.values())
    # Requests it had not even read: sent away, or told why not, or cut off.
    for name in ("unseen read", "unseen write"):
        assert b"protobuf" not in seen.said[name].lower()
        assert seen.said[name][:12] in {b"", b"HTTP/1.1 307", b"HTTP/1.1 503"}
    # The store refused the commit that had been on its way, and the log says whom it saw there instead.
    assert logged["fenced"] >= 1, logged
    fenced = next(event for event in seen.events if event["event"] == "fenced")
    assert (fenced["epoch"], fenced["seen_epoch"]) == (seen.claimed_epoch - 1, seen.claimed_epoch)
    assert isinstance(fenced["seen_seq"], int)
    assert logged["answer-withheld"] >= 5, logged
    for domain in (IN_FLIGHT, IN_LINE, UNSEEN):
        assert domain not in seen.export
