"""What this program is: the version it was built as and the hash of its installed tree."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as distribution_version
from importlib.resources import files


def version() -> dict[str, str]:
    """{version, build} as the image build wrote them; a checkout has its package's version and no build."""
    written = files("bbs").joinpath("_build.json")
    if written.is_file():
        document = json.loads(written.read_text())
        return {"version": str(document["version"]), "build": str(document["build"])}
    try:
        return {"version": distribution_version("diego-operator"), "build": "unbuilt"}
    except PackageNotFoundError:
        return {"version": "unknown", "build": "unbuilt"}
