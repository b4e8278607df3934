"""S9: back to the old release after the roll was finished, with writes made since.

The data was brought to the newest version and its old copy is gone. The way down asks for consent to what the old
version can't hold, by name, before anything is replaced; with it the new binary migrates the data down, and the old
image serves what was there before and what was written since.
"""

from __future__ import annotations

import json
import re
import time

from e2e import kube, manifest
from e2e.evidence import now
from e2e.expect import expect, stays
from e2e.journal import Event
from e2e.kube import kubectl
from e2e.life import Life
from e2e.places import MIDDLE, NEW, NEWEST, OLD

ROLL_S = 600.0
WRITTEN = 50
DOMAIN, RECREATED = "since", "since-recreate"
LOST = "the update strategy RECREATE (1 records)"
NOTHING_HAPPENS_S = 15.0
TIERS = ("etcd", "locket", "bbs", "auctioneer", "cell")


def run(life: Life) -> str:
    """The scenario on a fresh life."""
    life.create(version=OLD, target=MIDDLE, rate=500)
    life.start_probe()
    began = life.change(version=NEW, targetDataVersion=NEWEST)
    life.await_ready(NEW, ROLL_S)
    possible = life.await_condition("RollbackPossible", "True", 30)
    expect(f"{OLD} at data version {MIDDLE}" in possible["message"], "it says where one can go back to", possible)
    expect(life.stored_version().replace(" ", "").count(f'"CurrentVersion":{NEWEST}'), "the data is at the new version")
    before = _write(life)
    asked, since = _asked_for_consent(life)
    took = _gone_down(life, asked, since)
    after = life.lines(DOMAIN)
    expect(_without_strategy(before) == _without_strategy(after), "what was written since is kept", after[:3])
    expect(before != after, "what was consented to is dropped", after[:3])
    figures = [
        f"{WRITTEN} written, one changed, one removed since: {len(after)} lines equal but for what was consented to",
        f"asked: {LOST}; then down to {MIDDLE} by {NEW} and {OLD} on every pod in {took:.0f} s",
        life.expect_all_records(),
        life.expect_apps_unharmed(began),
    ]
    for words in figures:
        life.evidence.tell(words)
    return "; ".join(figures)


def _write(life: Life) -> list[str]:
    url = manifest.service_url(life.namespace)
    command = ["python3", "-m", "e2e.probe.written", "--bbs", url, "--tls", "/etc/diego/tls"]
    pod = manifest.client_pod(life.namespace, "written", f"probe:{NEW}", [*command, "--records", str(WRITTEN)])
    life.run_pod(pod)
    found = life.lines(DOMAIN)
    expect(len(found) == WRITTEN, f"{WRITTEN} + 1 - 1 records were written since", len(found))
    return found


def _asked_for_consent(life: Life) -> tuple[str, str]:
    """The value that the annotation must have, and when the way back was asked for."""
    pods = _uids(life)
    since = life.change(version=OLD, targetDataVersion=MIDDLE)
    blocked = life.await_condition("UpgradeBlocked", "True", 90, "LossesNeedConsent")
    expect(LOST in blocked["message"], "it names what would be dropped, and of how many records", blocked)
    stays("nothing is replaced without consent", lambda: _uids(life) == pods, NOTHING_HAPPENS_S)
    mark = re.search(r"accept-losses=(\S+?),", blocked["message"])
    expect(mark, "the message says how to consent", blocked)
    assert mark is not None
    life.evidence.tell(blocked["message"])
    return mark[1], since


def _gone_down(life: Life, mark: str, since: str) -> float:
    started = time.monotonic()
    at = now()
    kubectl("-n", life.namespace, "annotate", "diego", manifest.NAME, f"diego-operator.io/accept-losses={mark}")
    life.await_ready(OLD, ROLL_S)
    took = time.monotonic() - started
    low = life.journal.await_event("the data came down", _serves_old_data, 10, since)
    expect(low["version"] == NEW and low["time"] > at, "the new binary brings the data down, once told", low)
    old = life.journal.await_event("the old binary serves", lambda e: _serves_old_data(e) and e["version"] == OLD, 30)
    life.evidence.tell(f"{old['asked']} of {OLD} serves {MIDDLE}", old["time"])
    for tier in ("bbs", "cell", "locket", "auctioneer"):
        expect(set(life.versions(tier).values()) == {OLD}, f"every {tier} pod runs the old image", life.versions(tier))
    return took


def _serves_old_data(event: Event) -> bool:
    serving = event["event"] == "status" and event.get("role") == "Master" and event["state"] == "Serving"
    return serving and event["data"]["current"] == MIDDLE


def _without_strategy(lines: list[str]) -> list[dict[str, object]]:
    found = [json.loads(line) for line in lines]
    for one in found:
        if one["key"] == RECREATED:
            one["record"].pop("update_strategy", None)
    return found


def _uids(life: Life) -> dict[str, str]:
    return {name: uid for tier in TIERS for name, uid in kube.uids(life.pods(tier)).items()}
