"""Charts as Helm renders them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

CHARTS = Path(__file__).parents[2] / "charts"
TOOLS = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "diego-operator" / "tools" / "bin"
HELM = shutil.which("helm") or shutil.which("helm", path=str(TOOLS))
WITHOUT_HELM = "no helm here; `make tools` builds it"

Manifest = dict[str, Any]


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs helm; the caller looks at the exit code."""
    return subprocess.run([str(HELM), *arguments], capture_output=True, text=True, timeout=60, check=False)


def template(chart: str, *settings: str, release: str = "diego-operator") -> list[Manifest]:
    """The manifests of a chart with `--set` settings, as installed into the namespace `system`."""
    flags = [flag for setting in settings for flag in ("--set", setting)]
    done = helm("template", release, str(CHARTS / chart), "--namespace", "system", "--kube-version", "1.34.0", *flags)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def of_kind(manifests: list[Manifest], kind: str) -> list[Manifest]:
    """Those of one kind."""
    return [one for one in manifests if one["kind"] == kind]
