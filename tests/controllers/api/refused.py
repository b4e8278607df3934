"""The table of specs that the API server refuses, as manifests: the sample resource with one thing wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
SAMPLE = HERE.parents[2] / "diego.yaml"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A manifest, and words that the API server's answer must contain."""

    name: str
    manifest: Mapping[str, Any]
    message: str


def sample() -> dict[str, Any]:
    """The resource that README applies."""
    read: dict[str, Any] = yaml.safe_load(SAMPLE.read_text())
    return read


def merged(target: Any, patch: Any) -> Any:
    """Applies a JSON merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    base = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            base.pop(key, None)
        else:
            base[key] = merged(base.get(key), value)
    return base


def refusals() -> list[Refusal]:
    """Every case of `refusals/*.yaml`."""
    cases = [case for file in sorted((HERE / "refusals").glob("*.yaml")) for case in yaml.safe_load(file.read_text())]
    return [Refusal(case["name"], merged(sample(), case["patch"]), case["message"]) for case in cases]
