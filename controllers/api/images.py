"""Where the images come from: `<repository>/<component>:<version>`, unless a component is overridden."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from .references import LocalReference
from .shape import Declared, keyed, rule, ruled


class Component(StrEnum):
    """A tier of Diego; the same word in labels, images, overrides, status and certificates."""

    ETCD = "etcd"
    LOCKET = "locket"
    BBS = "bbs"
    AUCTIONEER = "auctioneer"
    CELL = "cell"
    ROUTE_EMITTER = "route-emitter"
    CC_BRIDGE = "cc-bridge"


class PullPolicy(StrEnum):
    """When the kubelet pulls an image."""

    ALWAYS = "Always"
    IF_NOT_PRESENT = "IfNotPresent"
    NEVER = "Never"


_NOT_LATEST = rule(
    "!self.image.endsWith(':latest')",
    "image must not carry the tag latest: a roll could not tell two contents apart; name a version or a digest",
)
_TAGGED = rule(
    "self.image.contains('@sha256:') || self.image.matches('^.+:[A-Za-z0-9_][A-Za-z0-9_.-]*$')",
    "image must name a tag or a digest, as in registry/bbs:0.2.0 or registry/bbs@sha256:<digest>",
)


class ImageOverride(Declared):
    """One component's image in place of the one that repository and version give."""

    model_config = ConfigDict(json_schema_extra=ruled(_NOT_LATEST, _TAGGED))

    component: Component
    """The component whose image is replaced."""
    image: Annotated[str, StringConstraints(min_length=1, max_length=512)]
    """The whole image name, with a tag other than latest or with a digest."""


class Images(Declared):
    """Repository, pull policy, pull secrets and overrides of all images."""

    repository: Annotated[str, StringConstraints(min_length=1, max_length=255)] = "localhost/diego"
    """Images are `<repository>/<component>:<version>`; etcd's carries its own version."""
    pull_policy: PullPolicy = PullPolicy.IF_NOT_PRESENT
    """When the kubelet pulls an image."""
    pull_secrets: Annotated[tuple[LocalReference, ...], Field(max_length=8, json_schema_extra=keyed("name"))] = ()
    """Secrets with the credentials of the registry."""
    overrides: Annotated[tuple[ImageOverride, ...], Field(max_length=7, json_schema_extra=keyed("component"))] = ()
    """Images of single components, for mirrors and hot fixes."""

    def overridden(self, component: Component) -> str | None:
        """The image that `overrides` names for the component, if any."""
        return next((one.image for one in self.overrides if one.component == component), None)
