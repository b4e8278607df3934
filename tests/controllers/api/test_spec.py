"""What a user writes becomes typed values, and a typing error never passes for consent."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from refused import sample

from controllers.api import Component, DeletionPolicy, Diego, DiegoSpec, Duration, StoreType

SMALLEST = {"version": "0.2.0", "store": {"type": "Etcd", "etcd": {"managed": {}}}}


def test_the_sample_is_understood() -> None:
    diego = Diego.parse(sample())
    assert (diego.metadata.name, diego.spec.version, diego.spec.store.type) == ("diego", "0.2.0", StoreType.ETCD)
    assert [(pool.name, pool.replicas) for pool in diego.spec.cells.pools] == [("default", 3)]


def test_the_smallest_spec_names_a_version_and_a_store() -> None:
    spec = DiegoSpec.model_validate(SMALLEST)
    assert (spec.bbs.replicas, spec.locket.replicas, spec.deletion_policy) == (3, 2, DeletionPolicy.RETAIN)
    assert spec.cells.rollout.evacuation_timeout == Duration.parse("10m")
    assert (spec.encryption, spec.cc_bridge, spec.target_data_version) == (None, None, None)


def test_an_unknown_field_is_refused_by_its_path() -> None:
    with pytest.raises(ValidationError, match=r"cells\.rollout\.maxUnavailible"):
        DiegoSpec.model_validate({**SMALLEST, "cells": {"rollout": {"maxUnavailible": 2}}})


def test_a_written_spec_reads_back_equal() -> None:
    spec = Diego.parse(sample()).spec
    assert DiegoSpec.model_validate(spec.model_dump(mode="json", by_alias=True, exclude_none=True)) == spec


def test_a_number_is_taken_where_kubernetes_takes_a_quantity() -> None:
    spec = DiegoSpec.model_validate({**SMALLEST, "bbs": {"resources": {"requests": {"cpu": 1, "memory": "1Gi"}}}})
    assert spec.bbs.resources.requests == {"cpu": "1", "memory": "1Gi"}


def test_an_override_is_found_by_its_component() -> None:
    images = {"overrides": [{"component": "etcd", "image": "registry.example/etcd:3.6.5"}]}
    spec = DiegoSpec.model_validate({**SMALLEST, "images": images})
    assert spec.images.overridden(Component.ETCD) == "registry.example/etcd:3.6.5"
    assert spec.images.overridden(Component.BBS) is None
