"""StatefulSets and pods of the API server as facts."""

from typing import Any

import pytest

from controllers.decide.observation import STORE_MISCONFIGURED
from controllers.observe.pods import pod_of, trouble_of, workload_of


def pod(**status: Any) -> dict[str, Any]:
    metadata = {
        "name": "diego-auctioneer-1",
        "uid": "u",
        "resourceVersion": "7",
        "labels": {"controller-revision-hash": "r1"},
        "annotations": {"diego-operator.io/version": "0.2.0"},
        "ownerReferences": [{"uid": "set", "controller": True}],
    }
    return {"metadata": metadata, "status": status}


def auctioneers(*pods: dict[str, Any]) -> Any:
    metadata = {
        "name": "diego-auctioneer",
        "uid": "set",
        "generation": 1,
        "labels": {"app.kubernetes.io/component": "auctioneer"},
    }
    return workload_of({"metadata": metadata, "spec": {"replicas": len(pods)}, "status": {}}, pods)


RUNS = {"containerStatuses": [{"started": True, "restartCount": 2, "state": {"running": {}}}]}
READY = {**RUNS, "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}


def test_an_auctioneer_that_stands_by_counts_as_in_service_beside_one_that_is_ready() -> None:
    standing_by, leading = pod(**RUNS), pod(**READY)
    leading["metadata"] = {**leading["metadata"], "name": "diego-auctioneer-0"}
    assert auctioneers(leading, standing_by).whole
    standing_by["metadata"]["name"] = "diego-auctioneer-0"
    assert not auctioneers(standing_by).whole


def test_a_pod_says_why_it_does_not_run() -> None:
    waiting = {"containerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such"}}}]}
    assert (pod_of(pod(**waiting)).waiting, pod_of(pod(**RUNS)).waiting) == ("ImagePullBackOff", "")
    message = "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims"
    pending = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    assert pod_of(pod(conditions=[pending])).waiting == "VolumePending"


def test_a_sidecar_that_does_not_come_is_the_reason_that_its_pod_does_not() -> None:
    """The main container only says that it waits for the others."""
    waiting = {"state": {"waiting": {"reason": "ImagePullBackOff"}}, "restartCount": 3}
    behind = {"state": {"waiting": {"reason": "PodInitializing"}}, "started": False}
    found = pod_of(pod(initContainerStatuses=[waiting], containerStatuses=[behind]))
    assert (found.waiting, found.restarts, found.started) == ("ImagePullBackOff", 3, False)


def test_a_pod_on_its_way_waits_for_no_reason() -> None:
    creating = {"containerStatuses": [{"state": {"waiting": {"reason": "ContainerCreating"}}}]}
    assert pod_of(pod(**creating)).waiting == ""


def test_release_restarts_and_readiness_are_read() -> None:
    found = pod_of(pod(**READY))
    assert (found.version, found.restarts, found.ready, found.ready_since) == ("0.2.0", 2, True, 1767225600.0)


def test_the_newest_refusal_to_make_a_pod_is_the_trouble() -> None:
    def event(moment: str, message: str) -> dict[str, Any]:
        about = {"kind": "StatefulSet", "name": "diego-bbs-0"}
        return {"involvedObject": about, "reason": "FailedCreate", "lastTimestamp": moment, "message": message}

    events = [event("2026-01-02T00:00:00Z", "exceeded quota"), event("2026-01-01T00:00:00Z", "old")]
    assert trouble_of(events, "diego-bbs-0") == "exceeded quota"
    assert trouble_of(events, "diego-bbs-1") == ""


def failed(words: str, state: str = "lastState") -> dict[str, Any]:
    back_off = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}
    statuses = {"state": back_off, state: {"terminated": {"exitCode": 2, "message": words}}}
    return pod(containerStatuses=[{"restartCount": 3, **statuses}])


LINE = '{"event":"bad-configuration","part":"%s","message":"mysql db:3306: access denied"}'


@pytest.mark.parametrize("state", ["state", "lastState"])
def test_a_bbs_that_its_store_turned_away_is_told_by_its_own_words(state: str) -> None:
    found = pod_of(failed(f'{{"event":"cut\n{LINE % "store"}\n{{"event":"later"}}', state))
    assert (found.waiting, found.waiting_message) == (STORE_MISCONFIGURED, "mysql db:3306: access denied")


@pytest.mark.parametrize("words", ["", "Killed", LINE % "keyring", '{"bad-configuration"', '["bad-configuration"]'])
def test_other_last_words_are_not_taken_for_a_trouble_with_the_store(words: str) -> None:
    assert (pod_of(failed(words)).waiting, pod_of(failed(words)).waiting_message) == ("CrashLoopBackOff", "back-off")


def test_what_a_pod_said_before_it_became_ready_counts_no_more() -> None:
    ready = {**failed(LINE % "store")["status"], "conditions": [{"type": "Ready", "status": "True"}]}
    assert pod_of(pod(**ready)).waiting != STORE_MISCONFIGURED
