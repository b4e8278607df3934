"""Certificates: whose authority signs them, how long they live, and which other roots are trusted."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from .duration import Duration
from .references import KeyReference
from .scalars import ObjectName
from .shape import Declared, atomic, rule, ruled


class IssuerReference(Declared):
    """An issuer outside this operator."""

    group: Annotated[str, StringConstraints(min_length=1, max_length=253)] = "cert-manager.io"
    """API group of the issuer."""
    kind: Annotated[str, StringConstraints(min_length=1, max_length=63)] = "Issuer"
    """Kind of the issuer."""
    name: ObjectName
    """Name of the issuer."""


class TrustSource(Declared):
    """More roots in PEM, in one key of a ConfigMap."""

    config_map_key_ref: KeyReference
    """Where the PEM lies."""


_RENEWED_IN_TIME = rule(
    "duration(self.renewBefore) < duration(self.certificateDuration)",
    "renewBefore must be shorter than certificateDuration; lower the one or raise the other",
)


class TLS(Declared):
    """Certificates. Without issuerRef the operator's own authority signs."""

    model_config = ConfigDict(json_schema_extra=ruled(_RENEWED_IN_TIME))

    issuer_ref: IssuerReference | None = None
    """Who signs. Absent: the operator's own authority."""
    certificate_duration: Duration = Duration.of(hours=2160)
    """How long a certificate is valid."""
    renew_before: Duration = Duration.of(hours=720)
    """How long before its end it is renewed; components take the new one without a restart."""
    additional_trust: Annotated[tuple[TrustSource, ...], Field(max_length=8, json_schema_extra=atomic())] = ()
    """More roots that components trust."""
