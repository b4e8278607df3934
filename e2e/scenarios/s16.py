"""S16: the managed etcd grows to three members, loses each kind of member under load, and shrinks to one again.

The leader and a follower are killed from the node, a member is evicted and a second one must stay, a member loses its
volume and comes back under another id. All the while calls are right or 503, what was acknowledged is there, apps
answer; at the end every record is there.
"""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import dataclass

from e2e import kube, manifest
from e2e.evidence import now
from e2e.expect import Failure, await_, expect
from e2e.kube import CommandFailed, kubectl
from e2e.life import Life
from e2e.nodes import supervisor
from e2e.places import NEW, NEWEST

PODS = tuple(f"{manifest.NAME}-etcd-{index}" for index in range(3))
ROLL_S = 400.0
WHOLE_S = 150.0
LONGEST_OUTAGE_S = 10.0
"""An election and a member's restart; the master's lease would have been taken over within its time."""


@dataclass(frozen=True, slots=True)
class Member:
    """As `etcdctl` tells of it."""

    id: int
    learner: bool
    leads: bool = False


def run(life: Life) -> str:
    """The scenario on a fresh life."""
    life.create(version=NEW, target=NEWEST, seeds=1000)
    life.start_probe()
    since = now()
    told = [_resized(life, 3, "grown from one member to three")]
    for part in (_leader_killed, _follower_killed, _evicted, _volume_lost):
        told.append(part(life))
        life.evidence.tell(told[-1])
    told.append(_resized(life, 1, "shrunk to one member"))
    wrong = life.journal.events("wrong-answer", since)
    expect(not wrong, "no acknowledged write is lost, no answer is wrong", wrong[:5])
    told += [life.expect_all_records(), life.expect_apps_unharmed(since)]
    return "; ".join(told)


def _resized(life: Life, size: int, what: str) -> str:
    started, at = time.monotonic(), life.change(store={"etcd": {"managed": {"replicas": size}}})
    life.await_ready(NEW, ROLL_S)
    took = time.monotonic() - started
    found = _members(life)
    expect(set(found) == set(PODS[:size]), f"etcd has {size} members", found)
    expect(not any(one.learner for one in found.values()), "all of them vote", found)
    claims = {one["metadata"]["name"] for one in kube.listed("pvc", life.namespace)}
    await_("volumes of members that left are gone", lambda: len(_claims(life)) == size or None, 60)
    words = f"{what} in {took:.0f} s, {_served(life, at)}"
    life.evidence.tell(f"{words} (volumes before: {len(claims)})")
    return words


def _leader_killed(life: Life) -> str:
    return _killed(life, next(pod for pod, one in _members(life).items() if one.leads), "leader")


def _follower_killed(life: Life) -> str:
    return _killed(life, next(pod for pod, one in _members(life).items() if not one.leads), "follower")


def _killed(life: Life, pod: str, what: str) -> str:
    before = _restarts(life, pod)
    at = now()
    supervisor(life.namespace, pod).kill()
    await_(f"{pod} was restarted", lambda: _restarts(life, pod) > before or None, 60)
    _await_whole(life)
    return f"{what} {pod} killed: {_served(life, at)}"


def _evicted(life: Life) -> str:
    """As `kubectl drain` does it, twice at once: the second must stay while the first is out."""
    at, was = now(), kube.uids(life.pods("etcd"))
    kube.evict(life.namespace, PODS[0])
    refused = False
    try:
        kube.evict(life.namespace, PODS[1])
    except CommandFailed as failed:
        refused = "disruption budget" in str(failed)
    expect(refused, "a second member is not evicted while the first is out")
    await_(
        "the evicted one is another pod",
        lambda: kube.uids(life.pods("etcd")).get(PODS[0], was[PODS[0]]) != was[PODS[0]],
        60,
    )
    _await_whole(life)
    return f"{PODS[0]} evicted, {PODS[1]} refused by its budget: {_served(life, at)}"


def _volume_lost(life: Life) -> str:
    pod = next(pod for pod, one in _members(life).items() if not one.leads)
    before, at, started = _members(life)[pod].id, now(), time.monotonic()
    kubectl("-n", life.namespace, "delete", "pvc", f"data-{pod}", "--wait=false")
    kubectl("-n", life.namespace, "delete", "pod", pod, "--wait=true", "--timeout=90s")

    def rejoined() -> bool:
        found = _members(life)
        return pod in found and found[pod].id != before and not found[pod].learner

    await_(f"{pod} votes again under another id", rejoined, WHOLE_S)
    _await_whole(life)
    took = time.monotonic() - started
    return f"{pod} lost its volume and voted again, under another id, after {took:.0f} s: {_served(life, at)}"


def _await_whole(life: Life) -> None:
    await_("all three are Ready", lambda: len(life.pods_ready("etcd") or []) == 3, WHOLE_S)
    await_("all three are members", lambda: set(_members(life)) == set(PODS), 30)


def _served(life: Life, since: str) -> str:
    """Calls went on: right answers or 503, no stretch without a right one for long; in words."""
    time.sleep(3)  # what began before now is to be in the journal
    journal = life.journal
    odd = [e for e in journal.events("answer", since) if not e["kind"].startswith("503:")]
    expect(not odd, "every answer is right, 503, or a 307 that works", odd[:5])
    outages = journal.events("outage", since)
    longest = max((e["seconds"] for e in outages), default=0.0)
    expect(longest <= LONGEST_OUTAGE_S, "the API is never away for long", outages)
    total = journal.answers(since)
    expect(total["right"] > 20, "writes and reads go on", dict(total))
    epochs = {e["epoch"] for e in journal.events("status", since) if e.get("role") == "Master"}
    return f"{dict(total)}, longest without a right answer {longest} s, epochs {sorted(epochs)}"


def _members(life: Life) -> dict[str, Member]:
    """By pod, asked of any member that answers."""
    for pod in PODS:
        with contextlib.suppress(CommandFailed):
            listed = json.loads(life.etcdctl("member", "list", "-w", "json", pod=pod))["members"]
            leader = json.loads(life.etcdctl("endpoint", "status", "-w", "json", pod=pod))[0]["Status"]["leader"]
            return {
                one["peerURLs"][0].partition("://")[2].partition(".")[0]: Member(
                    one["ID"], bool(one.get("isLearner")), one["ID"] == leader
                )
                for one in listed
            }
    message = "no member of etcd tells the others"
    raise Failure(message)


def _claims(life: Life) -> list[str]:
    return [one["metadata"]["name"] for one in kube.listed("pvc", life.namespace)]


def _restarts(life: Life, pod: str) -> int:
    found = kube.get("pod", pod, life.namespace) or {}
    return sum(one["restartCount"] for one in found.get("status", {}).get("containerStatuses", []))
