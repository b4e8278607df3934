"""A store that somebody else runs: what BBS and Locket are told of it, what is mounted, and what is not made for it."""

from typing import Any

import pytest
import yaml

from components.locket.configuration import LocketConfiguration
from controllers.certificates import FIRST_LABEL
from controllers.decide.wanted import Wanted
from controllers.render.resolved import resolve
from controllers.render.workloads import blueprints, statefulset, template
from tests.controllers.render.sample import NAMES, diego

CA, CLIENT = {"name": "db-ca"}, {"name": "db-client"}
DATABASE = {
    "hosts": [{"host": "db-0.example.com", "port": 5432}, {"host": "fd00::1", "port": 5433}],
    "database": "records",
    "credentialsSecretRef": {"name": "db-login"},
    "tls": {"caSecretRef": CA, "clientCertificateSecretRef": CLIENT, "serverName": "db", "mode": "VerifyCA"},
}
ETCD = {"endpoints": ["https://e0:2379"], "tls": {"caSecretRef": CA, "clientCertificateSecretRef": CLIENT}}
STORES: dict[str, dict[str, Any]] = {
    "postgresql": {"type": "PostgreSQL", "postgresql": DATABASE},
    "mysql": {"type": "MySQL", "mysql": DATABASE},
    "etcd": {"type": "Etcd", "etcd": {"external": ETCD}},
}
FILES = "/etc/diego/store-tls/ca.crt", "/etc/diego/store-tls/tls.crt", "/etc/diego/store-tls/tls.key"


def resolved(store: dict[str, Any]) -> Wanted:
    return resolve(diego(store=store), FIRST_LABEL)


def section(store: dict[str, Any], name: str = "diego-bbs-0") -> dict[str, Any]:
    config = blueprints(diego(store=store), NAMES, "0.2.0", FIRST_LABEL)[name].config
    assert config is not None
    found: dict[str, Any] = config["store"]
    return found


def pod(store: dict[str, Any], name: str) -> dict[str, Any]:
    sample = diego(store=store)
    found: dict[str, Any] = template(sample, NAMES, blueprints(sample, NAMES, "0.2.0", FIRST_LABEL)[name])["spec"]
    return found


def hashes(store: dict[str, Any]) -> dict[str, str]:
    return {name: one.inputs_hash for name, one in resolved(store).workloads.items()}


def sources(store: dict[str, Any], name: str, volume: str) -> dict[str, list[str]]:
    (found,) = [one for one in pod(store, name)["volumes"] if one["name"] == volume]
    secrets = [one["secret"] for one in found["projected"]["sources"]]
    assert found["projected"]["defaultMode"] == 0o440
    return {one["name"]: [item["path"] for item in one["items"]] for one in secrets}


@pytest.mark.parametrize("engine", ["mysql", "postgresql"])
def test_a_relational_store_is_told_with_all_that_its_spec_says(engine: str) -> None:
    ca_file, cert_file, key_file = FILES
    tls = {"ca_file": ca_file, "cert_file": cert_file, "key_file": key_file, "server_name": "db", "mode": "VerifyCA"}
    assert section(STORES[engine]) == {
        "type": engine,
        engine: {
            "hosts": ["db-0.example.com:5432", "[fd00::1]:5433"],
            "database": "records",
            "username_file": "/etc/diego/store/username",
            "password_file": "/etc/diego/store/password",
            "pool_size": 20,
            "tls": tls,
        },
    }


def test_an_external_etcd_is_told_by_its_own_endpoints_and_certificates() -> None:
    ca_file, cert_file, key_file = FILES
    tls = {"ca_file": ca_file, "cert_file": cert_file, "key_file": key_file}
    assert section(STORES["etcd"]) == {"type": "etcd", "etcd": {"endpoints": ["https://e0:2379"], "tls": tls}}


def test_an_etcd_without_certificates_is_told_without_any() -> None:
    store = {"type": "Etcd", "etcd": {"external": {"endpoints": ["http://e0:2379"]}}}
    assert section(store)["etcd"] == {"endpoints": ["http://e0:2379"]}
    assert "store-tls" not in {one["name"] for one in pod(store, "diego-bbs-0")["volumes"]}


@pytest.mark.parametrize("tls", [None, {"mode": "Disabled", "caSecretRef": CA}])
def test_a_database_without_tls_is_told_without_it_and_nothing_is_mounted_for_it(tls: dict[str, Any] | None) -> None:
    store = {"type": "PostgreSQL", "postgresql": {**DATABASE, "tls": tls}}
    assert "tls" not in section(store)["postgresql"]
    assert "store-tls" not in {one["name"] for one in pod(store, "diego-bbs-0")["volumes"]}


@pytest.mark.parametrize("engine", sorted(STORES))
def test_locket_keeps_its_locks_in_the_same_store(engine: str) -> None:
    told = section(STORES[engine], "diego-locket")
    assert told == section(STORES[engine])
    config = blueprints(diego(store=STORES[engine]), NAMES, "0.2.0", FIRST_LABEL)["diego-locket"].config
    assert LocketConfiguration.model_validate(config).store.type == engine


@pytest.mark.parametrize("name", ["diego-bbs-0", "diego-locket"])
def test_credentials_and_certificates_are_files_of_the_secrets_that_the_spec_names(name: str) -> None:
    store = STORES["postgresql"]
    assert sources(store, name, "store") == {"db-login": ["username", "password"]}
    assert sources(store, name, "store-tls") == {"db-ca": ["ca.crt"], "db-client": ["tls.crt", "tls.key"]}
    mounts = {one["name"]: one for one in pod(store, name)["containers"][0]["volumeMounts"]}
    assert {mounts[one]["mountPath"] for one in ("store", "store-tls")} == {"/etc/diego/store", "/etc/diego/store-tls"}
    assert mounts["store"]["readOnly"]


@pytest.mark.parametrize("name", ["diego-auctioneer", "diego-cell-default"])
def test_no_other_component_is_given_the_store(name: str) -> None:
    assert not {"store", "store-tls"} & {one["name"] for one in pod(STORES["postgresql"], name)["volumes"]}


def test_no_secret_is_named_in_a_configuration_or_a_command_and_none_is_in_the_environment() -> None:
    for one in blueprints(diego(store=STORES["mysql"]), NAMES, "0.2.0", FIRST_LABEL).values():
        (container,) = template(diego(store=STORES["mysql"]), NAMES, one)["spec"]["containers"]
        assert "db-login" not in yaml.safe_dump([dict(one.config or {}), container["command"]])
        assert "env" not in container


@pytest.mark.parametrize(
    "change",
    [
        {"credentialsSecretRef": {"name": "x"}},
        {"hosts": [{"host": "x", "port": 1}]},
        {"database": "x"},
        {"tls": {**DATABASE["tls"], "caSecretRef": {"name": "x"}}},
        {"tls": {**DATABASE["tls"], "serverName": ""}},
    ],
)
def test_another_place_or_another_secret_restarts_bbs_and_locket_and_nothing_else(change: dict[str, Any]) -> None:
    before = hashes(STORES["postgresql"])
    after = hashes({"type": "PostgreSQL", "postgresql": {**DATABASE, **change}})
    assert {name.rstrip("-012") for name in before if before[name] != after[name]} == {"diego-bbs", "diego-locket"}


@pytest.mark.parametrize("engine", sorted(STORES))
def test_nothing_is_made_for_an_etcd_that_is_not_ours(engine: str) -> None:
    wanted = resolved(STORES[engine])
    assert not wanted.refused
    assert not [name for name in wanted.workloads if "etcd" in name]
    assert not [one.key for one in wanted.objects if "etcd" in one.key]
    assert not [one.secret for one in wanted.certificates if "etcd" in one.secret]


@pytest.mark.parametrize("engine", ["postgresql", "mysql"])
def test_the_number_of_connections_is_told(engine: str) -> None:
    kind = {"postgresql": "PostgreSQL", "mysql": "MySQL"}[engine]
    assert section({"type": kind, engine: {**DATABASE, "poolSize": 8}})[engine]["pool_size"] == 8


@pytest.mark.parametrize(
    ("tls", "told"),
    [
        ({"caSecretRef": CA}, {"ca_file": FILES[0]}),
        ({"clientCertificateSecretRef": CLIENT}, {"cert_file": FILES[1], "key_file": FILES[2]}),
        ({"caSecretRef": CA, "serverName": "etcd"}, {"ca_file": FILES[0], "server_name": "etcd"}),
        ({}, {}),
    ],
)
def test_an_external_etcd_is_told_of_exactly_the_trust_that_its_spec_names(
    tls: dict[str, Any], told: dict[str, str]
) -> None:
    store = {"type": "Etcd", "etcd": {"external": {**ETCD, "tls": tls}}}
    assert section(store)["etcd"]["tls"] == told
    assert not resolved(store).refused


SQLITE = {"type": "SQLite", "sqlite": {"storage": {"size": "3Gi"}}}


def test_with_sqlite_bbs_and_locket_have_a_file_and_a_volume_each() -> None:
    sample = diego(store=SQLITE, bbs={"replicas": 1})
    found = blueprints(sample, NAMES, "0.2.0", FIRST_LABEL)
    for name, program in (("diego-bbs-0", "bbs"), ("diego-locket", "locket")):
        rendered = statefulset(sample, NAMES, found[name])
        file = {"path": f"/var/lib/diego/{program}.sqlite"}
        assert (found[name].config or {})["store"] == {"type": "sqlite", "sqlite": file}
        (claim,) = rendered["spec"]["volumeClaimTemplates"]
        assert claim["spec"]["resources"]["requests"]["storage"] == "3Gi"
        pod = rendered["spec"]["template"]["spec"]
        mounts = {one["name"]: one["mountPath"] for one in pod["containers"][0]["volumeMounts"]}
        assert mounts[claim["metadata"]["name"]] == "/var/lib/diego"
        assert claim["metadata"]["name"] not in {one["name"] for one in pod["volumes"]}


def test_with_sqlite_there_is_one_locket_whatever_the_spec_says_and_it_is_said() -> None:
    sample = diego(store=SQLITE, bbs={"replicas": 1}, locket={"replicas": 2})
    wanted = resolve(sample, FIRST_LABEL)
    assert wanted.workloads["diego-locket"].replicas == 1
    assert not wanted.refused
    assert any("SQLite" in one for one in wanted.remarks)
