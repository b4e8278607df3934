"""S5: a key is added and activated in one apply, the master is killed while records are sealed anew, and the old key is
dropped from the spec while records still bear it.

It is loaded by all members before it is active. No member meets a key that it does not know. The early drop is withheld
and said; the old key goes when no record bears it. Nothing is restarted but the server that was killed.
"""

from __future__ import annotations

import secrets
import time

from e2e import kube, manifest
from e2e.audit import calls
from e2e.evidence import now
from e2e.expect import await_, expect
from e2e.journal import Event, statuses
from e2e.life import Life
from e2e.nodes import server
from e2e.places import NEW, NEWEST
from e2e.rotation import distributed_before_active, finished, last_needed, no_unknown_key, share

OLD_KEY, NEW_KEY = manifest.GENERATED_KEY, "key-2"
RATE = 25
"""Records a second: 2,000 of them take more than a minute."""
DELIVERED_S = 240.0
"""The kubelet renews a mounted Secret when its own cache of it has aged, then the members look."""
TIERS = ("etcd", "locket", "bbs", "auctioneer", "cell")


def run(life: Life) -> str:
    """The scenario on a fresh life."""
    life.create(version=NEW, target=NEWEST, seed=5)
    life.start_probe()
    uids = _uids(life)
    kube.apply(manifest.key_secret(life.namespace, {NEW_KEY: secrets.token_hex(32)}))
    since = life.change(encryption=manifest.encryption(NEW_KEY, OLD_KEY, NEW_KEY, rate=RATE))
    killed = _killed_while_rotating(life, since)
    withheld = _dropped_early(life)
    life.await_condition("OldKeysRemovable", "True", 300)
    life.await_condition("EncryptionCurrent", "True", 30)
    await_("the old key is taken out of the keyring", lambda: _held(life) == {NEW_KEY}, 90)
    life.await_ready(NEW, 60)
    figures = [_judged(life, since), killed, withheld, life.expect_all_records(), life.expect_apps_unharmed(since)]
    expect(_uids(life) == uids, "no pod is replaced for a key", _uids(life))
    for words in figures:
        life.evidence.tell(words)
    return "; ".join(figures)


def _killed_while_rotating(life: Life, since: str) -> str:
    def well_begun(event: Event) -> bool:
        return 0.2 <= share(event, NEW_KEY) < 0.5

    begun = life.journal.await_event("records are sealed anew", well_begun, DELIVERED_S, since)
    name, epoch, at, started = begun["asked"], begun["epoch"], now(), time.monotonic()
    server(life.namespace, name).kill()

    def goes_on(event: Event) -> bool:
        return event["event"] == "status" and event.get("role") == "Master" and event["epoch"] > epoch

    taken = life.journal.await_event("another epoch goes on", goes_on, 60, at)
    expect(taken["keys"]["stored"] is None, "the kill struck a running rotation", taken["keys"])
    took = f"{time.monotonic() - started:.2f} s"
    return f"{name} killed at {begun['keys']['counts']}, epoch {taken['epoch']} on {taken['asked']} after {took}"


def _dropped_early(life: Life) -> str:
    life.change(encryption=manifest.encryption(NEW_KEY, NEW_KEY, rate=RATE))
    told = life.await_condition("OldKeysRemovable", "False", 30, "KeyStillInUse")
    expect(OLD_KEY in told["message"], "it says which key is kept", told)
    expect(OLD_KEY in _held(life), "the dropped key is kept", _held(life))
    return f"dropped early: {told['message']}"


def _judged(life: Life, since: str) -> str:
    seen = list(statuses(life.journal, since))
    members = len(life.pods("bbs"))
    words = distributed_before_active(seen, NEW_KEY, members)
    no_unknown_key(seen)
    done = finished(seen, NEW_KEY)
    last = [c for c in calls(life.namespace) if (c.resource, c.verb, c.name) == ("secrets", "patch", "diego-keyring")]
    needed = last_needed(seen, NEW_KEY)
    expect(last and last[-1].time > needed, "the old key goes after the last record bore it", (needed, last))
    wrong = life.journal.events("wrong-answer", since)
    expect(not wrong, "no answer is wrong", wrong[:5])
    return f"{words}, all records on it {done[11:23]}, old key gone {last[-1].time[11:23]}"


def _held(life: Life) -> set[str]:
    """The labels in the keyring; never their bytes."""
    found = kube.get("secret", "diego-keyring", life.namespace) or {}
    return {label for label in found.get("data", {}) if not label.startswith(".")}


def _uids(life: Life) -> dict[str, str]:
    return {name: uid for tier in TIERS for name, uid in kube.uids(life.pods(tier)).items()}
