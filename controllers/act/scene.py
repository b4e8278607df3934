"""What every action needs: the resource, the connections, and what the pass saw."""

from dataclasses import dataclass

from controllers.api import Diego
from controllers.certificates import FIRST_LABEL
from controllers.cluster import Cluster
from controllers.decide.observation import Observation
from controllers.decide.wanted import Wanted
from controllers.plane import Plane
from controllers.render.names import Names
from controllers.render.workloads import Blueprint, blueprints


@dataclass(frozen=True, slots=True)
class Scene:
    """`addresses`: pod name to IP, from the LIST that this pass decided on. `mark`: this build's own."""

    diego: Diego
    names: Names
    wanted: Wanted
    world: Observation
    cluster: Cluster
    plane: Plane
    addresses: dict[str, str]
    mark: str = ""

    def blueprints(self, version: str) -> dict[str, Blueprint]:
        """The StatefulSets as release `version` runs them."""
        return blueprints(self.diego, self.names, version, FIRST_LABEL)
