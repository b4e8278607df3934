"""Where things lie on this machine, and the fixed numbers of the scenarios."""

from __future__ import annotations

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
SCRIPTS = REPOSITORY / "e2e" / "cluster"
OUT = REPOSITORY / "e2e" / "out"
TOOLS = Path(os.environ.get("DIEGO_TOOLS") or Path.home() / ".cache" / "diego-operator" / "tools").resolve()
CLUSTER = "diego-e2e"
CLUSTER_FILES = TOOLS / "clusters" / CLUSTER
KUBECONFIG = CLUSTER_FILES / "kubeconfig"
AUDIT = CLUSTER_FILES / "audit" / "audit.jsonl"

OPERATOR_NAMESPACE = "diego-system"
REGISTRY = "localhost/diego"
OLD, NEW = "0.1.0", "0.2.0"
FIRST, MIDDLE, NEWEST = 0, 1451635200, 4000000001
"""Data versions: bare JSON, the newest that the old release serves, ours."""


def environment() -> dict[str, str]:
    """Of every command: the project's tools first, and this cluster, whatever the caller's kubeconfig says."""
    paths = os.pathsep.join((str(TOOLS / "bin"), os.environ["PATH"]))
    return os.environ | {"PATH": paths, "KUBECONFIG": str(KUBECONFIG), "OPERATOR_NAMESPACE": OPERATOR_NAMESPACE}
