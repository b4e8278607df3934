"""The plain values of the Diego resource, each with its bound: names, quantities, versions, lists of them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

LABEL_PATTERN = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
QUANTITY_PATTERN = r"^[0-9]{1,12}(\.[0-9]{1,6})?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$"

Label = Annotated[str, StringConstraints(min_length=1, max_length=63, pattern=LABEL_PATTERN)]
"""A DNS label: lower case letters, digits and hyphens."""

PoolName = Annotated[str, StringConstraints(min_length=1, max_length=16, pattern=LABEL_PATTERN)]
"""Name of a pool of cells; 16 characters, so that `<name>-cell-<pool>-<ordinal>` stays a host name."""

ObjectName = Annotated[
    str, StringConstraints(min_length=1, max_length=253, pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
]
"""Name of another Kubernetes object in the same namespace."""

DataKey = Annotated[str, StringConstraints(min_length=1, max_length=253, pattern=r"^[-._a-zA-Z0-9]+$")]
"""A key inside a Secret or ConfigMap."""

KeyName = Annotated[
    str, StringConstraints(min_length=1, max_length=127, pattern=r"^[a-zA-Z0-9]([-._a-zA-Z0-9]*[a-zA-Z0-9])?$")
]
"""Label of an encryption key; it is stored in one length byte before each record, hence at most 127."""

Version = Annotated[
    str, StringConstraints(min_length=5, max_length=64, pattern=r"^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$")
]
"""A release of the Diego programs, also the tag of their images."""

DataVersion = Annotated[int, Field(ge=0, le=9_000_000_000_000, json_schema_extra={"format": "int64"})]
"""Version of the stored data, as in the BBS's `/version` record."""

ShortText = Annotated[str, StringConstraints(max_length=253)]
"""Free text of one line."""

LongText = Annotated[str, StringConstraints(max_length=2048)]
"""Free text of a message."""

LabelKey = Annotated[str, StringConstraints(min_length=1, max_length=317)]
LabelValue = Annotated[str, StringConstraints(max_length=63)]
Labels = Annotated[dict[LabelKey, LabelValue], Field(max_length=64)]
"""Labels of pods or a selector of nodes."""

Annotations = Annotated[dict[LabelKey, Annotated[str, StringConstraints(max_length=4096)]], Field(max_length=64)]
"""Annotations of pods."""


def _quantity_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Quantity = Annotated[
    str,
    BeforeValidator(_quantity_text),
    StringConstraints(max_length=32, pattern=QUANTITY_PATTERN),
    WithJsonSchema({"x-kubernetes-int-or-string": True, "pattern": QUANTITY_PATTERN, "maxLength": 32}),
]
"""An amount as Kubernetes writes it (`100m`, `256Mi`, `2`), kept as text."""

Quantities = Annotated[dict[LabelKey, Quantity], Field(max_length=16)]
"""Amounts by resource name (`cpu`, `memory`, ...)."""
