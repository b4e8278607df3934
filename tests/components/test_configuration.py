"""A configuration that can't be used says which key, what was meant and what is wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.auctioneer.configuration import AuctioneerConfiguration
from components.configuration import ConfigurationError, load
from components.locket.configuration import LocketConfiguration
from components.rep.configuration import RepConfiguration

TLS = {"ca_file": "ca.crt", "cert_file": "tls.crt", "key_file": "tls.key"}
CELL = {"advertise_url": "https://{cell}:1801", "bbs_address": "https://b:8889", "locket_address": "l:8891", "tls": TLS}
LOCKET = {"tls": TLS, "store": {"type": "sqlite", "sqlite": {"path": "locks.db"}}}


def written(folder: Path, content: Any) -> Path:
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def test_a_cell_puts_its_id_into_its_url(tmp_path: Path) -> None:
    found = load(written(tmp_path, {**CELL, "cell_id": "cell-7", "evacuation_timeout": "1m30s"}), RepConfiguration)
    assert (found.rep_url, found.evacuation_timeout) == ("https://cell-7:1801", 90.0)


@pytest.mark.parametrize(
    ("model", "content", "words"),
    [
        (RepConfiguration, {**CELL, "bbs_adress": "x"}, "unknown key bbs_adress; did you mean bbs_address?"),
        (RepConfiguration, {**CELL, "capacity": {"memory": 1}}, "unknown key capacity.memory; did you mean memory_mb?"),
        (RepConfiguration, {**CELL, "polling_interval": "soon"}, "is not a duration; wanted a Go duration"),
        (RepConfiguration, {**CELL, "app_ports": "9-5"}, "is no range of ports"),
        (LocketConfiguration, {**LOCKET, "store": {"type": "etcd"}}, "wanted exactly the section etcd"),
        (AuctioneerConfiguration, {"tls": TLS}, "bbs_address: Field required"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, model: Any, content: Any, words: str) -> None:
    with pytest.raises(ConfigurationError) as failure:
        load(written(tmp_path, content), model)
    assert words in str(failure.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="wanted a readable YAML file"):
        load(tmp_path / "none.yaml", LocketConfiguration)
