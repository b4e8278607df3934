"""S6: another release of the operator, which renders templates differently, restarts nothing.

It says so in OperandTemplateOutdated, and waits for the consent that the message names. Nor does a key that is added to
the spec meanwhile: every member loads it as it runs.
"""

from __future__ import annotations

import re
import secrets

from e2e import installation, kube, manifest
from e2e.evidence import now
from e2e.expect import await_, expect, stays
from e2e.journal import Event
from e2e.kube import kubectl
from e2e.life import Life
from e2e.places import NEW, NEWEST

TIERS = ("etcd", "locket", "bbs", "auctioneer", "cell")
NOTHING_HAPPENS_S = 30.0
LATER = "later"
"""The label of the key that is added."""
DELIVERED_S = 180.0
"""The kubelet renews a mounted Secret when its own cache of it has aged, then the members look."""


def run(life: Life) -> str:
    """The scenario on a fresh life; the operator as it was is brought back."""
    life.create(version=NEW, target=NEWEST, seeds=0)
    before = _whole(life)
    try:
        installation.install("--set", "image.tag=0.2.0-mark")
        outdated = life.await_condition("OperandTemplateOutdated", "True", 60)
        life.evidence.tell(f"OperandTemplateOutdated: {outdated['message']}")
        stays("nothing restarts and no template is written", lambda: _whole(life) == before, NOTHING_HAPPENS_S)
        unchanged = f"{len(before)} pods and StatefulSets unchanged for {NOTHING_HAPPENS_S:.0f} s"
        added = _key_added(life, before)
        return f"{unchanged}; {added}; {_consented(life, before)}"
    finally:
        installation.install()


def _key_added(life: Life, before: dict[str, object]) -> str:
    life.start_probe(apps=False, load=False)
    at = now()
    kube.apply(manifest.key_secret(life.namespace, {LATER: secrets.token_hex(32)}))
    life.change(encryption=manifest.encryption(manifest.GENERATED_KEY, manifest.GENERATED_KEY, LATER))
    members = sorted(kube.uids(life.pods("bbs")))
    for name in members:

        def loaded(event: Event, name: str = name) -> bool:
            return event.get("asked") == name and LATER in (event.get("keys") or {}).get("loaded", ())

        last = life.journal.await_event(f"{name} has loaded the key", loaded, DELIVERED_S, at)
    await_("the operator sees that every member has it", lambda: _spread(life) == (len(members), {LATER}), 90)
    expect(life.condition("KeyringDistributed")["status"] == "True", "KeyringDistributed", life.diego()["status"])
    expect(life.condition("OperandTemplateOutdated")["status"] == "True", "OperandTemplateOutdated holds")
    stays("a new key restarts nothing", lambda: _whole(life) == before, NOTHING_HAPPENS_S)
    life.evidence.tell(f"a key was added and loaded by {', '.join(members)}", last["time"])
    return f"a key added meanwhile was loaded by {len(members)} members as they ran"


def _spread(life: Life) -> tuple[int, set[str]]:
    """How many members have loaded all keys that the operator knows, and the added one if it does."""
    told = life.diego()["status"]["encryption"]
    return told["distributed"], {key["name"] for key in told["keys"]} & {LATER}


def _consented(life: Life, before: dict[str, object]) -> str:
    message = life.condition("OperandTemplateOutdated")["message"]
    mark = re.search(r"diego-operator\.io/refresh-templates[ =:]+'?\"?([A-Za-z0-9._-]+)", message)
    expect(mark, "the message names the mark to consent with", message)
    assert mark is not None
    annotation = f"diego-operator.io/refresh-templates={mark.group(1)}"
    kubectl("-n", life.namespace, "annotate", "diego", "diego", "--overwrite", annotation)
    life.await_condition("OperandTemplateOutdated", "False", 240)
    life.await_ready(NEW, 240)
    changed = sum(1 for name, value in _whole(life).items() if before.get(name) != value)
    expect(changed, "with consent the templates are refreshed", _whole(life))
    return f"with consent {changed} changed, Ready again"


def _whole(life: Life) -> dict[str, object]:
    pods: dict[str, object] = {}
    for tier in TIERS:
        pods |= {f"pod {name}": uid for name, uid in kube.uids(life.pods(tier)).items()}
    sets = kube.listed("statefulsets", life.namespace)
    return pods | {f"set {s['metadata']['name']}": s["metadata"]["generation"] for s in sets}
