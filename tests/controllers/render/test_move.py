"""Two stores at once: what BBS and Locket are told and mount before, and after, the records have moved."""

from typing import Any

import pytest

from controllers.api import Diego
from controllers.certificates import FIRST_LABEL
from controllers.render.resolved import resolve
from controllers.render.stores import as_it_stands
from controllers.render.workloads import blueprints, statefulset, template
from tests.controllers.render.sample import NAMES, SPEC, diego
from tests.controllers.render.test_stores import ETCD, STORES

MANAGED = SPEC["store"]["etcd"]
SQL = ["mysql", "postgresql"]


def moving(engine: str, etcd: dict[str, Any] = MANAGED) -> Diego:
    return diego(store={**STORES[engine], "migrateFrom": {"type": "Etcd", "etcd": etcd}})


def config(one: Diego, name: str) -> dict[str, Any]:
    found = blueprints(one, NAMES, "0.2.0", FIRST_LABEL)[name].config
    assert found is not None
    return dict(found)


def volumes(one: Diego, name: str) -> set[str]:
    spec = template(one, NAMES, blueprints(one, NAMES, "0.2.0", FIRST_LABEL)[name])["spec"]
    return {volume["name"] for volume in spec["volumes"] if volume["name"].startswith("store")}


@pytest.mark.parametrize("engine", SQL)
def test_a_bbs_is_told_of_both_stores_and_mounts_the_files_of_both(engine: str) -> None:
    one = moving(engine)
    store = config(one, "diego-bbs-0")["store"]
    assert store["type"] == engine
    assert store["migrate_from"]["type"] == "etcd"
    assert store["migrate_from"]["etcd"]["tls"]["cert_file"] == "/etc/diego/store-from-tls/tls.crt"
    assert store[engine]["tls"]["ca_file"] == "/etc/diego/store-tls/ca.crt"
    assert volumes(one, "diego-bbs-0") == {"store", "store-tls", "store-from-tls"}


@pytest.mark.parametrize("engine", SQL)
def test_locket_etcd_and_cells_stay_as_they_are(engine: str) -> None:
    before, after = (resolve(one, FIRST_LABEL).workloads for one in (diego(), moving(engine)))
    changed = {name for name in before if before[name].inputs_hash != after[name].inputs_hash}
    assert changed == {"diego-bbs-0", "diego-bbs-1", "diego-bbs-2"}


def test_what_a_managed_etcd_needs_stays_until_it_is_left() -> None:
    before, after = (resolve(one, FIRST_LABEL) for one in (diego(), moving("mysql")))
    assert {one.key for one in before.objects} == {one.key for one in after.objects}
    assert {one.secret for one in before.certificates} == {one.secret for one in after.certificates}
    assert (after.store, after.migrates_from, after.refused) == ("MySQL", "Etcd (managed)", ())


def test_an_external_etcd_is_left_as_well() -> None:
    one = moving("postgresql", {"external": ETCD})
    assert config(one, "diego-locket")["store"] == config(diego(store=STORES["etcd"]), "diego-locket")["store"]
    assert config(one, "diego-bbs-0")["store"]["migrate_from"]["etcd"]["endpoints"] == ["https://e0:2379"]
    assert resolve(one, FIRST_LABEL).migrates_from == "Etcd (external)"


@pytest.mark.parametrize("engine", SQL)
def test_once_the_records_have_moved_migrate_from_says_nothing(engine: str) -> None:
    plain, moved = diego(store=STORES[engine]), as_it_stands(moving(engine), "Etcd (managed)")
    assert resolve(moved, FIRST_LABEL) == resolve(plain, FIRST_LABEL)
    assert as_it_stands(moving(engine), "") == moving(engine)


def test_a_template_of_locket_notes_where_its_locks_lie() -> None:
    notes = {}
    for what, one in {"moving": moving("mysql"), "moved": diego(store=STORES["mysql"])}.items():
        blueprint = blueprints(one, NAMES, "0.2.0", FIRST_LABEL)["diego-locket"]
        notes[what] = statefulset(one, NAMES, blueprint)["metadata"]["annotations"]["diego-operator.io/store"]
    assert notes == {"moving": "Etcd (managed)", "moved": "MySQL"}


def test_one_sided_trust_in_the_former_store_is_mounted_beside_that_in_the_new_one() -> None:
    one = moving("mysql", {"external": {**ETCD, "tls": {"caSecretRef": {"name": "ca"}}}})
    tls = config(one, "diego-bbs-0")["store"]["migrate_from"]["etcd"]["tls"]
    assert tls == {"ca_file": "/etc/diego/store-from-tls/ca.crt"}
