"""What a run leaves behind: `e2e/out/<run>/<scenario>/`, and everything worth reading when a scenario fails."""

from __future__ import annotations

import contextlib
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from e2e.audit import calls
from e2e.kube import CommandFailed, kubectl, listed
from e2e.places import AUDIT, OPERATOR_NAMESPACE, OUT

KINDS = "diego,statefulset,pod,pdb,service,endpointslice,configmap,pvc"


def now() -> str:
    """The time as audit log and probe write it."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Evidence:
    """The folder of one scenario, and its timeline."""

    def __init__(self, run: str, scenario: str) -> None:
        self.folder: Path = OUT / run / scenario
        self.folder.mkdir(parents=True, exist_ok=True)
        self._timeline = self.folder / "timeline.txt"

    def tell(self, words: str, at: str = "") -> None:
        """A line of the timeline, also shown while the scenario runs."""
        line = f"{(at or now())[11:23]}  {words}"
        with self._timeline.open("a") as file:
            file.write(line + "\n")
        print(f"    {line}", flush=True)

    def keep(self, name: str, content: str) -> Path:
        """A file of the scenario."""
        path = self.folder / name
        path.write_text(content)
        return path

    def keep_audit(self, namespace: str, since: str) -> None:
        """The part of the audit log that is about the namespace."""
        lines = [line for line in AUDIT.read_text().splitlines() if f'"{namespace}"' in line]
        chosen = [line for line in lines if json.loads(line).get("requestReceivedTimestamp", "") >= since]
        self.keep("audit.jsonl", "\n".join(chosen) + "\n")
        written = [f"{call.time} {call}" for call in calls(namespace) if call.time >= since]
        self.keep(
            "writes.txt", "\n".join(line for line in written if " get " not in line and " list " not in line) + "\n"
        )

    def keep_plans(self, namespace: str) -> None:
        """The operator's plan log."""
        logs = logs_of(OPERATOR_NAMESPACE)
        wanted = [line for text in logs.values() for line in text.splitlines() if f'"namespace": "{namespace}"' in line]
        self.keep("plan.log", "\n".join(wanted) + "\n")

    def dump(self, namespace: str) -> None:
        """Everything, when a scenario failed or timed out. Never Secrets."""
        with contextlib.suppress(CommandFailed, subprocess.SubprocessError):
            self.keep("resources.yaml", kubectl("-n", namespace, "get", KINDS, "-o", "yaml"))
            self.keep("pods.txt", kubectl("get", "pods", "-A", "-o", "wide"))
            self.keep("events.txt", kubectl("get", "events", "-A", "--sort-by=.lastTimestamp"))
            self.keep("describe.txt", kubectl("-n", namespace, "describe", "pods,diego,statefulset"))
            for where in (namespace, OPERATOR_NAMESPACE):
                for name, text in logs_of(where).items():
                    self.keep(f"log-{where}-{name}.txt", text)
            self.keep_plans(namespace)


def logs_of(namespace: str) -> dict[str, str]:
    """The logs of all pods, also those of containers before the present ones."""
    found = {}
    for pod in listed("pods", namespace):
        name = pod["metadata"]["name"]
        for suffix, more in (("", []), ("-previous", ["--previous"])):
            with contextlib.suppress(CommandFailed):
                found[name + suffix] = kubectl("-n", namespace, "logs", name, "--all-containers", *more)
    return found
