"""Rules of the parts that desired LRPs and tasks share: layers, dependencies, mounts, checks, sidecars, tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bbs.models.validation.actions import NO_ACTION, checksum_failures, named_action_failures
from bbs.models.validation.egress import egress_rule_failures
from bbs.models.validation.failures import Failures, field, missing, negative, size
from bbs.wire import container_pb2 as wire

ANNOTATION_LIMIT = 10 * 1024
ROUTES_LIMIT = 128 * 1024
PORT_MAX = 65535


def named(name: str, failures: Failures) -> Failures:
    """`failures`, introduced by the name of the list they come from."""
    return [field(name), *failures] if failures else []


def annotation_failures(annotation: str) -> Failures:
    """At most 10 KiB."""
    return [field("annotation")] if size(annotation) > ANNOTATION_LIMIT else []


def routes_failures(routes: Mapping[str, bytes]) -> Failures:
    """At most 128 KiB in all values together; keys do not count."""
    return [field("routes")] if sum(map(len, routes.values())) > ROUTES_LIMIT else []


def image_credentials_failures(username: str, password: str) -> Failures:
    """Both or neither."""
    if bool(username) == bool(password):
        return []
    return [field("image_password" if username else "image_username")]


def environment_failures(variables: Iterable[wire.EnvironmentVariable]) -> Failures:
    """Every variable has a name."""
    return ["invalid field: name cannot be blank" for variable in variables if not variable.name]


def egress_failures(rules: Iterable[wire.SecurityGroupRule]) -> Failures:
    """The failures of all rules, each introduced by `egress_rules`."""
    return [text for rule in rules for text in named("egress_rules", egress_rule_failures(rule))]


def metric_tags_failures(tags: Mapping[str, wire.MetricTagValue]) -> Failures:
    """Each tag has either a static value or a known dynamic one."""
    return [text for tag in tags.values() for text in _metric_tag(tag)]


_DYNAMIC_VALUES = (wire.MetricTagValue.INDEX, wire.MetricTagValue.INSTANCE_GUID)


def _metric_tag(tag: wire.MetricTagValue) -> Failures:
    return [] if bool(tag.static) != (tag.dynamic in _DYNAMIC_VALUES) else [field("static"), field("dynamic")]


def cached_dependencies_failures(dependencies: Iterable[wire.CachedDependency]) -> Failures:
    """Source, destination, and a whole checksum."""
    failures: Failures = []
    for dependency in dependencies:
        failures += named("cached_dependency", missing(dependency, "from", "to") + checksum_failures(dependency))
    return failures


def image_layers_failures(layers: Iterable[wire.ImageLayer], legacy_download_user: str) -> Failures:
    """Each layer complete; an exclusive one needs a user to download as."""
    listed = list(layers)
    failures = [text for layer in listed for text in named("image_layer", _image_layer(layer))]
    exclusive = any(layer.layer_type == wire.ImageLayer.EXCLUSIVE for layer in listed)
    return failures + ([field("legacy_download_user")] if exclusive and not legacy_download_user else [])


def _image_layer(layer: wire.ImageLayer) -> Failures:
    failures = missing(layer, "url", "destination_path")
    failures += [] if layer.layer_type in _LAYER_TYPES else [field("layer_type")]
    failures += [] if layer.media_type in _MEDIA_TYPES else [field("media_type")]
    return failures + _digest(layer)


def _digest(layer: wire.ImageLayer) -> Failures:
    if not layer.digest_algorithm and not layer.digest_value:
        exclusive = layer.layer_type == wire.ImageLayer.EXCLUSIVE
        return [field("digest_algorithm"), field("digest_value")] if exclusive else []
    failures = missing(layer, "digest_algorithm", "digest_value")
    known = layer.digest_algorithm in _DIGEST_ALGORITHMS
    return failures if known else [*failures, field("digest_algorithm")]


_LAYER_TYPES = (wire.ImageLayer.SHARED, wire.ImageLayer.EXCLUSIVE)
_MEDIA_TYPES = (wire.ImageLayer.TGZ, wire.ImageLayer.TAR, wire.ImageLayer.ZIP)
_DIGEST_ALGORITHMS = (wire.ImageLayer.SHA256, wire.ImageLayer.SHA512)


def sidecars_failures(sidecars: Iterable[wire.Sidecar]) -> Failures:
    """Each with an action of its own and sizes that are not negative."""
    return [text for sidecar in sidecars for text in named("sidecars", _sidecar(sidecar))]


def _sidecar(sidecar: wire.Sidecar) -> Failures:
    action = named_action_failures("action", sidecar.action) if sidecar.HasField("action") else [NO_ACTION]
    return action + negative(sidecar, "memory_mb", "disk_mb")


def volume_mounts_failures(mounts: Iterable[wire.VolumeMount]) -> Failures:
    """Driver, mode, and the id of whichever device is given."""
    failures: Failures = []
    for mount in mounts:
        failures += [] if mount.driver else ["invalid volume_mount driver"]
        failures += [] if mount.mode in ("r", "rw") else ["invalid volume_mount mode"]
        if mount.HasField("shared") and not mount.shared.volume_id:
            failures.append("invalid volume_mount volume id")
        if mount.HasField("dedicated") and not mount.dedicated.mounter_id:
            failures.append("invalid volume_mount mounter id")
    return failures


def check_definition_failures(definition: wire.CheckDefinition) -> Failures:
    """Each check is either TCP or HTTP, on a port that exists."""
    checks = (*definition.checks, *definition.readiness_checks)
    return [text for check in checks for text in named("check_definition", _check(check))]


def _check(check: wire.Check) -> Failures:
    if check.HasField("tcp_check") and check.HasField("http_check"):
        return [field("check")]
    port = check.tcp_check.port if check.HasField("tcp_check") else check.http_check.port
    return [] if 0 < port <= PORT_MAX else [field("port")]
