"""The member list of etcd, and pods that came without a volume."""

from typing import Any

from controllers.decide.observation import VOLUME_EMPTY, EtcdMember
from controllers.observe.etcd import etcd_members
from controllers.observe.pods import pod_of

LIST = {
    "header": {"cluster_id": "1"},
    "members": [
        {"ID": "18416431657150565743", "peerURLs": ["https://d-etcd-1.d-etcd.ns.svc:2380"], "isLearner": True},
        {"ID": "16789389150367289869", "name": "d-etcd-0", "peerURLs": ["https://d-etcd-0.d-etcd.ns.svc:2380"]},
    ],
}
LAST_WORDS = '{"level":"fatal","error":"couldn\'t find local name \\"d-etcd-1\\" in the initial cluster configuration"}'


def pod(state: dict[str, Any]) -> dict[str, Any]:
    ended = {"terminated": {"message": LAST_WORDS}}
    container = {"name": "etcd", "state": state, "lastState": ended}
    return {
        "metadata": {"name": "d-etcd-1", "uid": "u", "resourceVersion": "1"},
        "status": {"containerStatuses": [container]},
    }


def test_members_are_told_by_pod_and_one_that_never_started_has_no_name() -> None:
    assert etcd_members(LIST) == (
        EtcdMember("16789389150367289869", "d-etcd-0", started=True),
        EtcdMember("18416431657150565743", "d-etcd-1", started=False, learner=True),
    )


def test_an_etcd_that_ended_for_want_of_a_volume_is_known_by_its_last_words() -> None:
    assert pod_of(pod({"waiting": {"reason": "CrashLoopBackOff"}})).waiting == VOLUME_EMPTY


def test_once_it_runs_an_earlier_end_says_nothing() -> None:
    assert pod_of(pod({"running": {}})).waiting == ""
