"""The chart of one Diego: its values are the spec."""

from __future__ import annotations

import pytest
import yaml
from rendered import CHARTS, HELM, WITHOUT_HELM, helm, template

from controllers.api import Diego, StoreType

pytestmark = pytest.mark.skipif(HELM is None, reason=WITHOUT_HELM)


def diego(*settings: str) -> Diego:
    (manifest,) = template("diego", *settings, release="plane")
    return Diego.parse(manifest)


def test_helm_finds_nothing_to_complain_of() -> None:
    done = helm("lint", "--strict", str(CHARTS / "diego"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_chart_renders_one_diego_of_the_charts_release() -> None:
    one = diego()
    version = yaml.safe_load((CHARTS / "diego" / "Chart.yaml").read_text())["appVersion"]
    assert (one.metadata.name, one.metadata.namespace, one.spec.version) == ("plane", "system", version)
    assert (one.spec.bbs.replicas, one.spec.cells.pools[0].replicas) == (3, 3)


def test_a_data_version_stays_a_whole_number() -> None:
    assert diego("targetDataVersion=4000000001").spec.target_data_version == 4_000_000_001


def test_another_store_takes_the_place_of_the_default_one() -> None:
    spec = diego("store.type=SQLite", "store.etcd=null", "store.sqlite.storage.size=1Gi", "bbs.replicas=1").spec
    assert (spec.store.type, spec.store.etcd) == (StoreType.SQLITE, None)


def test_false_and_zero_are_handed_on() -> None:
    spec = diego("paused=false", "cells.rollout.minReadySeconds=0").spec
    assert (spec.paused, spec.cells.rollout.min_ready_seconds) == (False, 0)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("bbs.replica=3", "'replica' not allowed"),
        ("bbs.replicas=9", "/bbs/replicas"),
        ("deletionPolicy=Keep", "/deletionPolicy"),
        ("name=a234567890123456789012345", "/name"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(setting: str, words: str) -> None:
    done = helm("template", "x", str(CHARTS / "diego"), "--kube-version", "1.34.0", "--set", setting)
    assert (done.returncode, words in done.stderr) == (1, True)
