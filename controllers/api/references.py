"""References from a Diego resource to other objects of its namespace."""

from __future__ import annotations

from .scalars import DataKey, ObjectName
from .shape import Declared


class LocalReference(Declared):
    """An object of the same namespace, by name."""

    name: ObjectName
    """Name of the object."""


class KeyReference(LocalReference):
    """One key of a Secret or ConfigMap of the same namespace."""

    key: DataKey
    """Key inside it."""
