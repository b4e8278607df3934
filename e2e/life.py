"""One Diego in a namespace of its own, from its first apply to its end, and what a scenario asks and does meanwhile."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from e2e import kube, manifest
from e2e.evidence import Evidence, now
from e2e.expect import Failure, await_, expect
from e2e.journal import Journal
from e2e.kube import Object, kubectl
from e2e.places import FIRST, NEW, OLD

N = manifest.NAME
LONGEST_STALL_S = 30.0
Digests = dict[str, tuple[int, str]]
"""By kind: how many records, and the sha256 of their export."""


class Life:
    """Begins with `create`; `end` removes the namespace."""

    def __init__(self, namespace: str, evidence: Evidence) -> None:
        self.namespace, self.evidence = namespace, evidence
        self.began = now()
        self.made: Digests = {}
        self._journal: Journal | None = None

    # --- beginning and end --------------------------------------------------------------------------------------------

    def create(
        self,
        *,
        version: str = OLD,
        target: int | None = FIRST,
        seeds: int = 2000,
        seed: int = 7,
        rate: int = 100,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """Namespace, Diego, seeds into the empty store before any member starts, members, Ready; `more` of the spec."""
        tell = self.evidence.tell
        kube.apply(manifest.namespace(self.namespace))
        document = manifest.diego(self.namespace, version, target, rate)
        document["spec"] |= more or {}
        kube.apply(document)
        tell(f"applied Diego {version}, data version {target}, in namespace {self.namespace}")
        pod = await_("the BBS is to be scheduled", lambda: kube.get("pod", f"{N}-bbs-0-0", self.namespace), 120)
        if document["spec"]["store"]["type"] == "Etcd":
            await_("etcd is Ready", lambda: self.pods_ready("etcd"), 120)
        if seeds:
            command = ["bbs", "generate", "--config", "/etc/diego/config/config.yaml", "--inert"]
            command += ["--records", str(seeds), "--seed", str(seed)]
            template = {
                "spec": {
                    key: pod["spec"][key] for key in ("containers", "securityContext", "automountServiceAccountToken")
                }
            }
            template["spec"]["volumes"] = pod["spec"]["volumes"]
            text = self.run_pod(manifest.like_a_member(template, self.namespace, "seeds", command))
            self.made = {kind: (int(count), digest) for kind, count, digest in map(str.split, _lines(text, 3))}
            total = sum(count for count, _ in self.made.values())
            expect(total == seeds, f"{seeds} records were made", total)
            tell(f"{total} inert records made with seed {seed}: {_counts(self.made)}")
        self._label("add")
        self.await_ready(version, 150)
        tell(f"Ready: {version}")

    def end(self) -> None:
        """Remove the namespace and all in it. Its pods get no grace: how Diego ends is S7's, not the harness's."""
        self.close_probe()
        with contextlib.suppress(kube.CommandFailed, Failure):
            self._label("remove")
            kubectl("-n", self.namespace, "delete", "diego,statefulset", "--all", "--wait=false")
            kubectl("-n", self.namespace, "delete", "pods", "--all", "--grace-period=1", "--wait=false")
            kubectl("delete", "namespace", self.namespace, "--wait=true", "--timeout=60s", "--ignore-not-found")

    def _label(self, verb: str) -> None:
        value = manifest.hold(self.namespace) + ("=released" if verb == "add" else "-")
        kubectl("label", "nodes", "--all", "--overwrite", value)

    # --- the resource -------------------------------------------------------------------------------------------------

    def diego(self) -> Object:
        """The resource as it is."""
        found = kube.get("diego", N, self.namespace)
        expect(found, "the Diego is there")
        assert found is not None
        return found

    def change(self, **spec: Any) -> str:
        """A merge patch of the spec, as `kubectl apply` of a changed file would be; the time just before."""
        at = now()
        kubectl("-n", self.namespace, "patch", "diego", N, "--type=merge", "-p", json.dumps({"spec": spec}))
        self.evidence.tell(f"spec: {json.dumps(spec)}", at)
        return at

    def condition(self, kind: str) -> dict[str, Any]:
        """A condition of the present generation, or one with status Stale."""
        diego = self.diego()
        for found in diego.get("status", {}).get("conditions", []):
            if found["type"] == kind and found.get("observedGeneration") == diego["metadata"]["generation"]:
                return dict(found)
        return {"type": kind, "status": "Stale", "reason": "", "message": ""}

    def await_condition(self, kind: str, status: str, within: float, reason: str = "") -> dict[str, Any]:
        """A condition of the present generation. Raises Failure with the last one seen."""
        seen: dict[str, Any] = {}

        def look() -> dict[str, Any] | None:
            seen.update(self.condition(kind))
            return seen if seen["status"] == status and reason in ("", seen["reason"]) else None

        try:
            return await_(f"{kind} is {status} {reason}", look, within)
        except Failure as failure:
            raise Failure(
                f"{failure}; last seen {seen.get('status')} {seen.get('reason')}: {seen.get('message')}"
            ) from None

    def await_ready(self, version: str, within: float) -> None:
        """Ready at `version`, of the present generation."""
        self.await_condition("Ready", "True", within)
        expect(
            self.diego()["status"]["version"]["current"] == version,
            f"runs {version}",
            self.diego()["status"]["version"],
        )

    # --- pods ---------------------------------------------------------------------------------------------------------

    def pods(self, component: str) -> list[Object]:
        """Pods of a tier that are not on their way out."""
        selector = f"app.kubernetes.io/instance={N},app.kubernetes.io/component={component}"
        return [
            pod for pod in kube.listed("pods", self.namespace, selector) if "deletionTimestamp" not in pod["metadata"]
        ]

    def pods_ready(self, component: str) -> list[Object] | None:
        """All pods of the tier when there is at least one and all are Ready."""
        pods = self.pods(component)
        return pods if pods and all(kube.ready(pod) for pod in pods) else None

    def versions(self, component: str) -> dict[str, str]:
        """Image tag by pod."""
        return {
            p["metadata"]["name"]: p["spec"]["containers"][0]["image"].rpartition(":")[2] for p in self.pods(component)
        }

    def run_pod(self, pod: Object, within: float = 90.0) -> str:
        """Run a pod to its end; its log. Raises Failure with the log when it failed."""
        name = pod["metadata"]["name"]
        kubectl("-n", self.namespace, "delete", "pod", name, "--ignore-not-found", "--wait=true")
        kube.apply(pod)

        def phase() -> str | None:
            found = kube.get("pod", name, self.namespace) or {}
            reached = found.get("status", {}).get("phase")
            return reached if reached in ("Succeeded", "Failed") else None

        reached = await_(f"pod {name} ends", phase, within)
        log = kubectl("-n", self.namespace, "logs", name)
        expect(reached == "Succeeded", f"pod {name} succeeds", log[-2000:])
        kubectl("-n", self.namespace, "delete", "pod", name, "--wait=false")
        return log

    # --- the store ----------------------------------------------------------------------------------------------------

    def etcdctl(self, *arguments: str, pod: str = f"{N}-etcd-0") -> str:
        """etcdctl on a member of the managed etcd, with its own certificate."""
        files = ["--cacert=/etc/diego/tls/ca.crt", "--cert=/etc/diego/tls/tls.crt", "--key=/etc/diego/tls/tls.key"]
        command = ["etcdctl", "--endpoints=https://localhost:2379", *files, *arguments]
        return kubectl("-n", self.namespace, "exec", pod, "--", *command)

    def stored_version(self) -> str:
        """What `etcdctl get /version` prints of the value."""
        return self.etcdctl("get", "/version", "--print-value-only").strip()

    def lines(self, domain: str) -> list[str]:
        """Records as the API gives them back, a line of JSON each, sorted."""
        where = ("--url", manifest.service_url(self.namespace), *manifest.CLIENT)
        command = ["bbs", "export", "--domain", domain, *where]
        text = self.run_pod(manifest.client_pod(self.namespace, "export", f"bbs:{NEW}", command))
        return [line for line in text.splitlines(keepends=True) if line.startswith('{"kind"')]

    def exported(self) -> Digests:
        """Digests of the seeds as the API gives them back."""
        lines = self.lines("seed-*")
        self.evidence.keep("export.jsonl", "".join(lines))
        kinds = sorted({json.loads(line)["kind"] for line in lines})
        found = {kind: _digest([line for line in lines if line.startswith(f'{{"kind":"{kind}"')]) for kind in kinds}
        self.evidence.keep("export.sha256", "".join(f"{d}  {kind} {n}\n" for kind, (n, d) in found.items()))
        return found

    def expect_all_records(self) -> str:
        """The export equals what `generate` printed; in words."""
        found = self.exported()
        expect(found == self.made, "the export equals what was generated, count and digest of each kind", found)
        return f"{sum(count for count, _ in found.values())} records, digests equal ({_counts(found)})"

    # --- the probe ----------------------------------------------------------------------------------------------------

    @property
    def journal(self) -> Journal:
        """The probe's log."""
        assert self._journal is not None, "start_probe was not called"
        return self._journal

    def start_probe(self, *, apps: bool = True, load: bool = True) -> None:
        """Watch members, call through the Service, run apps; returns when the app broken on purpose was counted."""
        watching = [f"--{name}" for name, wanted in (("apps", apps), ("load", load)) if wanted]
        kube.apply(manifest.probe_pod(self.namespace, "probe", 3, watching=watching))

        def started() -> bool:
            found = kube.get("pod", "probe", self.namespace) or {}
            return bool(found.get("status", {}).get("phase") == "Running")

        await_("the probe runs", started, 60)
        self._journal = Journal(self.namespace, "probe", self.evidence.folder / "probe.json")
        self.journal.await_event("a member's status", lambda e: e["event"] == "status", 30)
        if apps:
            self.journal.await_event("apps run", lambda e: e["event"] == "apps-ready", 90)
            self.journal.await_event("the broken app was watched", lambda e: e["event"] == "broken-app-watched", 30)
            errors = [e for e in self.journal.events("app-error") if e["app"] == "probe-broken"]
            expect(errors, "an app that was broken on purpose is counted")
            self.evidence.tell(f"apps run; the one broken on purpose was counted {len(errors)} times")

    def close_probe(self) -> None:
        """Stop following the probe."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def expect_apps_unharmed(self, since: str) -> str:
        """No app error but those of the app that was broken on purpose; in words."""
        errors = [e for e in self.journal.events("app-error", since) if e["app"] != "probe-broken"]
        expect(not errors, "no app was without an answer for a second", errors[:5])
        last = {e["app"]: e for e in self.journal.events("app", since)}
        expect(last, "apps were asked")
        asked, longest = sum(e["requests"] for e in last.values()), max(e["longest"] for e in last.values())
        stalled = sum(e["seconds"] for e in self.journal.events("probe-stalled", since))
        expect(stalled < LONGEST_STALL_S, "the machine runs the probe often enough to say anything", f"{stalled:.0f} s")
        return f"0 app errors in {asked} requests, longest gap {longest} s, probe stalled {stalled:.1f} s"


def _lines(text: str, words: int) -> list[str]:
    return [line for line in text.splitlines() if len(line.split()) == words and not line.startswith("{")]


def _counts(digests: Digests) -> str:
    return ", ".join(f"{kind} {count}" for kind, (count, _) in sorted(digests.items()))


def _digest(lines: list[str]) -> tuple[int, str]:
    return len(lines), sha256("".join(lines).encode()).hexdigest()
