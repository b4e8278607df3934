"""S6: another release of the operator, which renders templates differently, restarts nothing.

It says so in OperandTemplateOutdated, and waits for the consent that the message names.
"""

from __future__ import annotations

import re

from e2e import installation, kube
from e2e.expect import expect, stays
from e2e.kube import kubectl
from e2e.life import Life
from e2e.places import NEW, NEWEST

TIERS = ("etcd", "locket", "bbs", "auctioneer", "cell")
NOTHING_HAPPENS_S = 30.0


def run(life: Life) -> str:
    """The scenario on a fresh life; the operator as it was is brought back."""
    life.create(version=NEW, target=NEWEST, seeds=0)
    before = _whole(life)
    try:
        installation.install("--set", "image.tag=0.2.0-mark")
        outdated = life.await_condition("OperandTemplateOutdated", "True", 60)
        life.evidence.tell(f"OperandTemplateOutdated: {outdated['message']}")
        stays("nothing restarts and no template is written", lambda: _whole(life) == before, NOTHING_HAPPENS_S)
        return (
            f"{len(before)} pods and StatefulSets unchanged for {NOTHING_HAPPENS_S:.0f} s; {_consented(life, before)}"
        )
    finally:
        installation.install()


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
