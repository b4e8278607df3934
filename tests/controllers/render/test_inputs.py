"""What restarts a pod and what does not: the inputs hash."""

from typing import Any

import pytest

from controllers.certificates import FIRST_LABEL
from controllers.decide.wanted import Wanted
from controllers.render.records import config_map
from controllers.render.resolved import resolve
from controllers.render.workloads import blueprints
from tests.controllers.render.sample import NAMES, SPEC, diego


def resolved(mark: str = "", **changes: Any) -> Wanted:
    return resolve(diego(**changes), FIRST_LABEL, mark)


def hashes(wanted: Wanted) -> dict[str, str]:
    return {name: one.inputs_hash for name, one in wanted.workloads.items()}


@pytest.mark.parametrize(
    "changes",
    [
        {"targetDataVersion": 1451635200},
        {"paused": True},
        {"deletionPolicy": "Delete"},
        {"migration": {"retryToken": "again", "maxRecordsPerSecond": 100}},
        {"upgrade": {"checks": {"canary": False}}},
        {"tls": {"certificateDuration": "1000h"}},
        {"bbs": {**SPEC["bbs"], "replicas": 1}},
        {"encryption": {"activeKey": "k", "keys": [{"name": "k", "secretKeyRef": {"name": "s", "key": "f"}}]}},
    ],
)
def test_fields_that_reach_no_pod_restart_nothing(changes: dict[str, Any]) -> None:
    before, after = hashes(resolved()), hashes(resolved(**changes))
    assert {name: before[name] for name in after} == after


def test_a_new_version_is_a_new_input_of_everything_but_etcd() -> None:
    before, after = hashes(resolved()), hashes(resolved(version="0.3.0"))
    assert {name for name in before if before[name] == after[name]} == {"diego-etcd"}


def test_resources_of_the_bbs_are_an_input_of_the_bbs_alone() -> None:
    before = hashes(resolved())
    after = hashes(resolved(bbs={"replicas": 3, "resources": {"requests": {"cpu": "1"}}}))
    assert {name for name in before if before[name] != after[name]} == {"diego-bbs-0", "diego-bbs-1", "diego-bbs-2"}


def test_another_rendering_of_equal_inputs_is_no_new_input() -> None:
    before, after = resolved(), resolved(mark="mark")
    assert hashes(before) == hashes(after)
    assert before.refresh_mark != after.refresh_mark


def test_the_file_of_an_old_template_is_kept_beside_the_new_one() -> None:
    found = [one for one in blueprints(diego(), NAMES, "0.2.0", FIRST_LABEL).values() if one.component == "bbs"]
    data = config_map(diego(), NAMES, "bbs", found, {"config-old.yaml": "old"})["data"]
    assert data["config-old.yaml"] == "old"
    assert set(data) == {"config-old.yaml", "config.yaml", f"config-{found[0].inputs_hash}.yaml"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tls": {"issuerRef": {"name": "x"}}}, "spec.tls.issuerRef"),
        ({"ccBridge": {}}, "spec.ccBridge"),
        ({"upgrade": {"approval": "Supervised"}}, "spec.upgrade.approval"),
    ],
)
def test_what_is_not_built_yet_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    refusals = resolved(**changes).refused
    assert [(str(one.reason), field in one.message) for one in refusals] == [("NotBuiltYet", True)]


def test_an_empty_store_begins_with_the_active_key_of_the_spec() -> None:
    keys = [{"name": "k", "secretKeyRef": {"name": "s", "key": "f"}}]
    given = diego(encryption={"activeKey": "k", "keys": keys})
    found = [blueprints(one, NAMES, "0.2.0", FIRST_LABEL)["diego-bbs-0"].config for one in (diego(), given)]
    assert [one["initial_key"] for one in found if one] == ["generated-1", "k"]
