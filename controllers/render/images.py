"""Which image each component runs: `<repository>/<component>:<version>`, etcd by its own version, or an override."""

from controllers.api import Component, DiegoSpec

ETCD_VERSION = "3.6.5"
"""Pinned by this release of the operator; no part of the resource's `version`."""


def image(spec: DiegoSpec, component: str, version: str | None = None) -> str:
    """The image of a component, for another release than the spec's when `version` is given."""
    if overridden := spec.images.overridden(Component(component)):
        return overridden
    tag = ETCD_VERSION if component == "etcd" else (version or spec.version)
    return f"{spec.images.repository}/{component}:{tag}"


def images(spec: DiegoSpec) -> dict[str, str]:
    """Every component that this release deploys."""
    return {component: image(spec, component) for component in ("etcd", "locket", "bbs", "auctioneer", "cell")}
