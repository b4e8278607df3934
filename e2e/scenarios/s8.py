"""S8: no key leaks.

Logs of all containers, also earlier ones, Events, resources (not Secrets) and the audit log are swept for the bytes of
the keyring and of every private key: raw, base64 and hex. A key planted in a ConfigMap, an Event and a log is found
first. Where apps run no file of a key is found, nor a process of the rep.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator

from e2e import kube, manifest
from e2e.evidence import logs_of, now
from e2e.expect import expect
from e2e.kube import kubectl, run
from e2e.life import Life
from e2e.places import AUDIT, NEW, OPERATOR_NAMESPACE

KINDS = (
    "diego,pod,statefulset,deployment,replicaset,controllerrevision,configmap,service,pdb,pvc,endpointslice,"
    "events,events.events.k8s.io,serviceaccount,role,rolebinding"
)
PRIVATE = ("tls.key", "ca.key")
SHORTEST = 8


def run_on(life: Life) -> str:
    """The sweep of a life, best at its end."""
    planted = secrets.token_hex(16)
    _plant(life, planted)
    texts = dict(_texts(life.namespace))
    found = {place for place, text in texts.items() if planted in text}
    for wanted in ("log", "configmap", "event"):
        expect(any(wanted in place for place in found), f"a key planted in a {wanted} is found", sorted(found))
    forms = dict(_forms(life.namespace))
    leaks = [(place, key) for place, text in texts.items() for key, form in forms.items() if form in text]
    expect(not leaks, "no key bytes are found", leaks)
    size = sum(map(len, texts.values())) // 1024
    keys = len({key.split(" ")[0] for key in forms})
    words = f"{len(forms)} forms of {keys} keys in {len(texts)} texts, {size} KiB: none; {_apart(life)}"
    life.evidence.tell(f"the planted key was found in {len(found)} places; {words}")
    return words


def _apart(life: Life) -> str:
    """Looks from the two containers of each cell, with the same command: the rep finds its key, the runtime nothing."""
    users = set()
    for pod in life.pods("cell"):
        name = pod["metadata"]["name"]
        rep, runtime = (_seen_by(life, name, container) for container in ("rep", "runtime"))
        expect(rep["keys"] and "rep serve" in rep["commands"], f"the rep of {name} has its key", rep)
        expect(not runtime["keys"], f"no key file where the apps of {name} run", runtime)
        expect("rep serve" not in runtime["commands"], f"no process of the rep where the apps of {name} run", runtime)
        expect(rep["user"] != runtime["user"], f"apps of {name} are another user", (rep, runtime))
        users.add(f"{rep['user']}/{runtime['user']}")
    expect(users, "cells are there to look at")
    return f"rep/apps as {', '.join(sorted(users))}, no key in reach of apps"


def _seen_by(life: Life, pod: str, container: str) -> dict[str, str]:
    looks = {
        "user": "id -u",
        "keys": "find / -path /proc -prune -o -name '*.key' -print 2>/dev/null; true",
        "commands": "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '",
    }
    shell = ("-n", life.namespace, "exec", pod, "-c", container, "--", "sh", "-c")
    return {what: kubectl(*shell, look).strip() for what, look in looks.items()}


def run_fresh(life: Life) -> str:
    """The sweep of a small life."""
    life.create(seeds=0)
    return run_on(life)


def _plant(life: Life, key: str) -> None:
    where = {"namespace": life.namespace}
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "planted", **where},
        "involvedObject": {"kind": "Namespace", "name": life.namespace, **where},
        "reason": "Planted",
        "message": key,
        "type": "Normal",
        "firstTimestamp": now()[:19] + "Z",
        "lastTimestamp": now()[:19] + "Z",
    }
    kube.apply(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "planted", **where}, "data": {"key": key}}, event
    )
    pod = manifest.client_pod(life.namespace, "planted", f"bbs:{NEW}", ["echo", key])
    kube.apply(pod)
    kubectl("-n", life.namespace, "wait", "pod/planted", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s")


def _texts(namespace: str) -> Iterator[tuple[str, str]]:
    for where in (namespace, OPERATOR_NAMESPACE):
        for pod, log in logs_of(where).items():
            yield f"log of {where}/{pod}", log
        for kind in KINDS.split(","):
            # The applied manifest of a user's own Secret is the user's; Secrets are not swept.
            yield f"{kind} of {where}", run("kubectl", "-n", where, "get", kind, "-o", "json", "--ignore-not-found")
    yield "audit log", AUDIT.read_text()


def _forms(namespace: str) -> Iterator[tuple[str, str]]:
    """Every private value as it might be written: name and text."""
    for secret in kube.listed("secrets", namespace):
        name = secret["metadata"]["name"]
        for entry, encoded in secret.get("data", {}).items():
            if name.endswith("-keyring") or entry in PRIVATE:
                yield from written(f"{name}/{entry}", base64.b64decode(encoded))


def written(name: str, value: bytes) -> Iterator[tuple[str, str]]:
    pieces = [value.strip()]
    if value.startswith(b"-----BEGIN"):
        body = [line for line in value.decode().splitlines() if line and not line.startswith("-----")]
        yield f"{name} PEM line", body[1]
        pieces = [base64.b64decode("".join(body))[-32:], value.strip()]
    for piece in pieces:
        expect(len(piece) >= SHORTEST, f"{name} is long enough to be searched for")
        # The end of base64 depends on what follows: only whole groups of three bytes are searched for.
        whole = piece[: len(piece) // 3 * 3]
        yield f"{name} base64 {len(piece)}", base64.b64encode(whole).decode()[:200]
        yield f"{name} hex {len(piece)}", piece.hex()[:200]
        try:
            text = piece.decode()
        except UnicodeDecodeError:
            continue
        yield f"{name} raw {len(piece)}", text
