"""Keys of one's own on a real API server: copied from the user's Secret, activated, retired; bytes are never shown."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from controllers.cluster import Body, Cluster
from tests.controllers.loop.api_server import api_server
from tests.controllers.loop.standins import Machines
from tests.controllers.loop.test_roll import apply, operate, until, until_ready

PASSPHRASES = {"2026-11": "correct-horse-battery", "2026-12": "staple-of-another-kind"}


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Iterator[Path]:
    """An API server of its own: the roll's Diego has the same name."""
    (tmp_path / "api").mkdir()
    with api_server(tmp_path / "api") as found:
        yield found


def encryption(active: str, *files: str) -> dict[str, Any]:
    keys = [{"name": f"key-{file}", "secretKeyRef": {"name": "diego-keys", "key": file}} for file in files]
    return {"activeKey": f"key-{active}", "keys": keys, "maxRecordsPerSecond": 77}


async def keyring(cluster: Cluster) -> dict[str, str]:
    found = await cluster.get("Secret", "diego", "diego-keyring") or {}
    return {label: base64.b64decode(text).decode() for label, text in found.get("data", {}).items()}


def condition(body: Body, kind: str) -> dict[str, Any]:
    found = body.get("status", {}).get("conditions", [])
    return next((one for one in found if one["type"] == kind), {"status": "", "reason": ""})


async def test_a_diego_goes_from_one_key_of_the_users_to_another(
    kubeconfig: Path, cluster: Cluster, machines: Machines, tmp_path: Path
) -> None:
    log = tmp_path / "operator.log"
    operator = operate(kubeconfig, log)
    machines.subnet = "127.8"
    machines.bbs.initial, machines.bbs.initial_key = 1, "key-2026-11"
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "diego-keys", "namespace": "diego"}}
    try:
        only = {"stringData": {"2026-11": PASSPHRASES["2026-11"]}}
        await cluster.create("Secret", "diego", {**secret, **only})
        spec = {"targetDataVersion": 1, "encryption": encryption("2026-11", "2026-11")}
        await apply(cluster, **spec)
        await until_ready(cluster)
        assert await keyring(cluster) == {"key-2026-11": PASSPHRASES["2026-11"]}
        started = len(machines.started)

        await apply(cluster, encryption=encryption("2026-12", "2026-12"))
        body = await until(cluster, lambda b: condition(b, "UpgradeBlocked")["reason"] == "SecretMissing")
        assert "Secret diego-keys has no key 2026-12" in condition(body, "KeyringDistributed")["message"]

        await cluster.merge("Secret", "diego", "diego-keys", {"stringData": PASSPHRASES})
        await until(cluster, lambda b: b["status"]["encryption"].get("storedKey") == "key-2026-12")
        await until(cluster, lambda b: [one["name"] for one in b["status"]["encryption"]["keys"]] == ["key-2026-12"])
        held = await keyring(cluster)
        assert held.pop(".retired").startswith('{"key-2026-11": ')
        assert held == {"key-2026-12": PASSPHRASES["2026-12"]}
        assert (machines.bbs.activations, machines.bbs.pace) == (["key-2026-12"], 77)
        assert len(machines.started) == started

        await cluster.merge("Secret", "diego", "diego-keys", {"stringData": {"2026-12": "other bytes"}})
        body = await until(cluster, lambda b: condition(b, "KeyringDistributed")["reason"] == "KeyMaterialChanged")
        assert (await keyring(cluster))["key-2026-12"] == PASSPHRASES["2026-12"]
        events = await cluster.list_all("CoreEvent", "diego")
        said = log.read_text() + json.dumps(body["status"]) + yaml.safe_dump(events)
        assert [one for one in PASSPHRASES.values() if one in said] == []
    except AssertionError:
        print(log.read_text()[-6000:])
        raise
    finally:
        operator.kill()
        operator.wait(10)
