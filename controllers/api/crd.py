"""The CustomResourceDefinition of Diego, generated from the models: `python -m controllers.api.crd`.

Prints it; `--write FILE...` writes it, `--check FILE...` fails when a file differs: no schema is edited by hand.
"""

from __future__ import annotations

import sys
from typing import Any

import yaml

from .diego import GROUP, KIND, PLURAL, VERSION, Diego
from .generated import run
from .status import DiegoStatus
from .structural import Schema, structural

_HEAD = "# Generated from controllers/api by `python -m controllers.api.crd`; change the models, not this file.\n"
_READY = '.status.conditions[?(@.type=="Ready")]'
_COLUMNS = (
    ("Version", "string", ".status.version.current", 0),
    ("Data", "integer", ".status.dataVersion.current", 0),
    ("Ready", "string", f"{_READY}.status", 0),
    ("Reason", "string", f"{_READY}.reason", 0),
    ("BBS", "string", ".status.bbs.ready", 0),
    ("Cells", "string", ".status.cells.updated", 0),
    ("Age", "date", ".metadata.creationTimestamp", 0),
    ("Store", "string", ".status.store.type", 1),
    ("Master", "string", ".status.bbs.master.name", 1),
    ("Key", "string", ".status.encryption.activeKey", 1),
    ("Target", "string", ".status.version.target", 1),
)


def definition() -> dict[str, Any]:
    """The CustomResourceDefinition as a JSON object. Helm keeps it when the operator's chart is uninstalled."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{PLURAL}.{GROUP}", "annotations": {"helm.sh/resource-policy": "keep"}},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": KIND,
                "listKind": f"{KIND}List",
                "plural": PLURAL,
                "singular": KIND.lower(),
                "shortNames": ["dgo"],
            },
            "versions": [_version()],
        },
    }


def text() -> str:
    """The definition as the YAML that lies in `crds/`."""
    return _HEAD + yaml.dump(definition(), Dumper=_Plain, sort_keys=False, width=120, allow_unicode=True)


def _version() -> dict[str, Any]:
    return {
        "name": VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "additionalPrinterColumns": [_column(*column) for column in _COLUMNS],
        "schema": {"openAPIV3Schema": _schema()},
    }


def _column(name: str, type_: str, path: str, priority: int) -> dict[str, Any]:
    return {"name": name, "type": type_, "jsonPath": path} | ({"priority": priority} if priority else {})


def _schema() -> Schema:
    whole = structural(Diego)
    ours = whole["properties"]
    return {
        "description": whole["description"],
        "type": "object",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": ours["spec"],
            "status": structural(DiegoStatus),
        },
        "x-kubernetes-validations": whole["x-kubernetes-validations"],
    }


class _Plain(yaml.SafeDumper):
    """YAML without anchors: equal parts are written out, as people and the API server read them."""

    def ignore_aliases(self, data: object) -> bool:
        return True


if __name__ == "__main__":
    sys.exit(run("controllers.api.crd", text()))
