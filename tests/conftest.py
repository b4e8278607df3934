"""For the whole suite: how properties are tried on a busy machine, and the choice of one engine.

Slowness is no finding. `make test STORE=mysql`: of the tests that need a store's engine, only those of that one.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

ENGINES = {"etcd", "mysql", "postgresql", "sqlite"}
_FIXTURES = {
    "etcd_server": "etcd",
    "shared_etcd": "etcd",
    "mariadb_server": "mysql",
    "postgresql_server": "postgresql",
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out tests of other engines when STORE names one."""
    store = os.environ.get("STORE")
    if not store:
        return
    if store not in ENGINES:
        message = f"STORE={store} is no engine; wanted one of {', '.join(sorted(ENGINES))}"
        raise pytest.UsageError(message)
    others = [item for item in items if _engines(item) - {store}]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if not _engines(item) - {store}]


def _engines(item: pytest.Item) -> set[str]:
    """The engines that a test needs: those of its parameters, those of its fixtures."""
    callspec = getattr(item, "callspec", None)
    parameters = callspec.params.values() if callspec is not None else ()
    # A parameter is an engine, or begins with one: `mysql-1772581987-key1` is a database.
    named = {value.partition("-")[0] for value in parameters if isinstance(value, str)}
    fixtures = set(getattr(item, "fixturenames", ()))
    return (named & (ENGINES | {"simulated"})) | {_FIXTURES[name] for name in fixtures & _FIXTURES.keys()}
