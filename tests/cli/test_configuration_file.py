"""What a configuration may say, and how a wrong one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from bbs.configuration import BBSConfiguration, ConfigurationError, parse
from tests.certificates import Certificates


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> str:
    files = Certificates.create(Path(tmp_path_factory.mktemp("certificates"))).server()
    return f"tls: {{ca_file: {files.ca_file}, cert_file: {files.cert_file}, key_file: {files.key_file}}}\n"


SQLITE = "store: {type: sqlite, sqlite: {path: /data/bbs.db}}\n"


def refused(content: str) -> str:
    with pytest.raises(ConfigurationError) as error:
        parse(content, "config.yaml")
    return str(error.value)


def test_tls_and_store_are_enough(tls: str) -> None:
    configuration = parse(tls + SQLITE, "config.yaml")
    assert configuration.listen_address == ("0.0.0.0", 8889)
    assert (configuration.target, configuration.owner, configuration.lock.ttl) == ("newest", "standalone", 5.0)


def test_durations_are_gos(tls: str) -> None:
    configuration = parse(tls + SQLITE + "lock: {ttl: 1m30s, renew: 500ms}\n", "c")
    assert (configuration.lock.ttl, configuration.lock.renew) == (90.0, 0.5)


def test_the_advertised_url_holds_the_member(tls: str) -> None:
    configuration = parse(tls + SQLITE + "member: diego-bbs-0-0\nadvertise_url: 'https://{member}.m:8889'\n", "c")
    assert configuration.url == "https://diego-bbs-0-0.m:8889"


@pytest.mark.parametrize(
    ("addition", "said"),
    [
        ("listen_adress: 1\n", "config.yaml: listen_adress: unknown key; did you mean `listen_address`?"),
        ("lock: {tll: 5s}\n", "lock.tll: unknown key; did you mean `lock.ttl`?"),
        ("lock_ttl: 15s\n", "lock_ttl: unknown key; the upstream BBS has it: write it as `lock.ttl`"),
        ("zzz: 1\n", "zzz: unknown key; known here are: listen_address"),
        ("lock: {ttl: 5}\n", "lock.ttl: 5 is no duration; wanted a Go duration such as 500ms"),
        ("lock: {ttl: 2s, renew: 1s, margin: 1s}\n", "the lease would lapse between two renewals"),
        ("listen_address: '8889'\n", "listen_address: '8889' is no address to listen at; wanted HOST:PORT"),
        ("target: latest\n", "target: input should be 'managed' or 'newest', seen 'latest'"),
        ("keyring_dir: /nowhere\n", "keyring_dir: /nowhere is not there; wanted a folder"),
    ],
)
def test_a_wrong_key_is_named_with_what_was_meant(tls: str, addition: str, said: str) -> None:
    assert said in refused(tls + SQLITE + addition)


def test_an_unknown_key_of_the_store_is_named_with_its_place(tls: str) -> None:
    said = refused(tls + "store: {type: etcd, etcd: {endpoint: [http://a]}}\n")
    assert "store.etcd.endpoint: unknown key; did you mean `store.etcd.endpoints`?" in said
    assert "store.etcd.endpoints: this key is missing" in said


def test_the_store_has_the_section_of_its_type(tls: str) -> None:
    assert "sections given: sqlite; wanted exactly the section `etcd`" in refused(
        tls + "store: {type: etcd, sqlite: {path: /data/bbs.db}}\n"
    )


def test_a_missing_certificate_is_named() -> None:
    said = refused("tls: {ca_file: /nowhere/ca.crt, cert_file: /c, key_file: /k}\n" + SQLITE)
    assert "tls.ca_file: /nowhere/ca.crt is not there; wanted a readable file" in said


def test_an_empty_file_says_what_is_wanted() -> None:
    assert "wanted at least `tls` and `store`" in refused("")


def test_every_key_is_documented() -> None:
    page = Path(__file__).parents[2].joinpath("docs/reference/configuration.md").read_text()
    assert [name for name in BBSConfiguration.model_fields if f"`{name}" not in page] == []
