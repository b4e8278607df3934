"""Opening a store: engines are loaded when used, and a configuration that names nothing is refused at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bbs.stores import StoreConfig, open_locks, open_store
from bbs.stores.contract import StoreMisconfigured


async def test_each_type_opens_its_engine(tmp_path: Path) -> None:
    etcd = open_store(StoreConfig("etcd", endpoints=("https://127.0.0.1:1",)))
    sqlite = open_store(StoreConfig("sqlite", path=tmp_path / "bbs.sqlite"))
    assert (etcd.engine, sqlite.engine) == ("etcd", "sqlite")
    assert (etcd.holds_by_lock, sqlite.holds_by_lock) == (False, True)
    await etcd.close()
    await sqlite.close()


@pytest.mark.parametrize("config", [StoreConfig("etcd"), StoreConfig("sqlite")])
def test_a_configuration_without_a_place_is_refused_at_once(config: StoreConfig) -> None:
    with pytest.raises(StoreMisconfigured, match=r"store\.(etcd\.endpoints|sqlite\.path)"):
        open_store(config)
    with pytest.raises(StoreMisconfigured):
        open_locks(config)


def test_sqlite_is_opened_without_loading_grpc() -> None:
    program = (
        "import sys, pathlib; from bbs.stores import StoreConfig, open_store;"
        "open_store(StoreConfig('sqlite', path=pathlib.Path('x'))); sys.exit('grpc' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=30).returncode == 0
