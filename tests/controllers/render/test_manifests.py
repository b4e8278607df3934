"""Every manifest equals the file in `expected/`: a change of rendering is seen in review.

Written anew by `python -m tests.controllers.render.test_manifests`.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from controllers.certificates import FIRST_LABEL
from controllers.decide.observation import Identity
from controllers.render.disruption import budgets
from controllers.render.network import services
from controllers.render.records import config_map, etcd_map, identity_map
from controllers.render.workloads import blueprints, statefulset
from tests.controllers.render.sample import NAMES, diego

EXPECTED = Path(__file__).parent / "expected"


def rendered() -> dict[str, Any]:
    sample = diego()
    found = blueprints(sample, NAMES, "0.2.0", FIRST_LABEL)
    components = tuple(sorted({one.component for one in found.values()}))
    manifests = [
        *(statefulset(sample, NAMES, one) for one in found.values()),
        *services(NAMES, etcd=True).values(),
        *budgets(sample, NAMES, components).values(),
        *(
            config_map(sample, NAMES, component, [one for one in found.values() if one.component == component], {})
            for component in components
            if component != "etcd"
        ),
        etcd_map(sample, NAMES, "join diego-etcd-1 of diego-etcd-0,diego-etcd-1"),
        identity_map(sample, NAMES, Identity("store-1", adopted=False)),
    ]
    return {f"{one['kind'].lower()}-{one['metadata']['name']}.yaml": one for one in manifests}


def test_the_expected_files_are_exactly_what_is_rendered() -> None:
    assert {path.name for path in EXPECTED.glob("*.yaml")} == set(rendered())


@pytest.mark.parametrize("name", sorted(rendered()))
def test_a_manifest_is_as_expected(name: str) -> None:
    assert rendered()[name] == yaml.safe_load((EXPECTED / name).read_text())


if __name__ == "__main__":
    for file, manifest in rendered().items():
        (EXPECTED / file).write_text(yaml.safe_dump(manifest, sort_keys=False))
