"""A wrong configuration ends `bbs serve` before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.processes.cluster import Cluster
from tests.processes.member import run


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"lock": {"tll": "5s"}}, "lock.tll"),
        ({"lock": {"ttl": 5}}, "lock.ttl"),
        ({"listen_address": "nowhere"}, "listen_address"),
        ({"store": {"type": "etcd"}}, "store"),
        ({"lock_ttl": "15s"}, "lock.ttl"),
    ],
)
async def test_a_wrong_configuration_exits_2_and_names_the_key(
    folder: Path, wrong: dict[str, object], named: str
) -> None:
    cluster = Cluster(folder, 1)
    config = cluster.members[0].config
    config.write_text(yaml.safe_dump({**yaml.safe_load(config.read_text()), **wrong}))
    code, out, err = await run("serve", "--config", config)
    assert (code, out) == (2, "")
    assert named in err
    assert str(config) in err


async def test_a_wrong_store_certificate_is_said_and_ends_the_supervisor_with_2(folder: Path) -> None:
    """Found only when the store is opened, so in the server child: its supervisor ends the same way."""
    cluster = Cluster(folder, 1)
    config = cluster.members[0].config
    document = yaml.safe_load(config.read_text())
    document["store"] = {"type": "sqlite", "sqlite": {"path": str(folder / "no-such-folder" / "bbs.db")}}
    config.write_text(yaml.safe_dump(document))
    code, out, err = await run("serve", "--config", config)
    assert (code, out) == (2, ""), err
    assert "no-such-folder" in err
