"""A store that is not ours, or newer than we are: refused with words, and not a byte of it is touched."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.engines.etcd import EtcdServer
from tests.processes.cluster import Cluster
from tests.processes.wire import ask


def content(etcd: EtcdServer) -> dict[bytes, bytes | None]:
    """All keys with their values."""
    return {key: etcd.get(key) for key in list(etcd.keys())}


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (b'{"CurrentVersion":9999999999,"TargetVersion":9999999999}', "NewerLayout"),
        (b'{"CurrentVersion":1234,"TargetVersion":1234}', "UnknownLayout"),
        (b'{"CurrentVersion":"one"}', "MalformedVersion"),
        (b"not json", "MalformedVersion"),
    ],
)
async def test_a_version_record_that_this_binary_does_not_know_is_refused_untouched(
    folder: Path, etcd: EtcdServer, record: bytes, code: str
) -> None:
    etcd.put(b"/version", record)
    async with Cluster(folder, 1, etcd) as cluster:
        (member,) = cluster.members
        member.start()
        seen = await member.comes_to(role="Aside", state="Refused")
        assert seen["reason"]["code"] == code
        assert seen["reason"]["message"]
        assert seen["reason"]["remedy"]
        heard = await ask(member, "POST", "/v1/ping")
        assert (heard.status, heard.json["code"]) == (503, "Refused")
        assert member.supervisor is not None
        assert member.supervisor.poll() is None
    assert content(etcd) == {b"/version": record}


async def test_a_version_record_that_somebody_else_changed_is_refused_and_both_are_named(
    folder: Path, etcd: EtcdServer
) -> None:
    async with Cluster(folder, 1, etcd) as cluster:
        master = await cluster.start()
        master.signal_supervisor(signal.SIGTERM)
        await master.ended()
        etcd.put(b"/version", b'{"CurrentVersion":1451635200,"TargetVersion":1451635200}')
        before = content(etcd)
        master.start()
        seen = await master.comes_to(role="Aside", state="Refused")
        assert seen["reason"]["code"] == "ForeignWrite"
        assert "1451635200" in seen["reason"]["message"]
        assert "4000000001" in seen["reason"]["message"]
        assert content(etcd) == before
        # Mended by a person, it is served without a restart.
        etcd.put(b"/version", json.dumps({"CurrentVersion": 4000000001, "TargetVersion": 4000000001}).encode())
        await cluster.master()
