"""A name that a user can meet is explained below docs/: undocumented fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import click
import typer
from prometheus_client import CollectorRegistry
from pydantic import BaseModel

from bbs.cli.app import app
from bbs.configuration import BBSConfiguration
from bbs.convergence.figures import Figures
from bbs.events import EventMetrics
from bbs.master.metrics import MasterMetrics
from bbs.outbound.figures import CallFigures
from bbs.server.metrics import RequestMetrics, StatusMetrics
from components.auctioneer.configuration import AuctioneerConfiguration
from components.locket.configuration import LocketConfiguration
from components.rep.configuration import RepConfiguration
from controllers.api import ConditionType, Reason, crd
from tests.docs.pages import DOCS, everything_written, unmentioned
from tests.master.members import deployment
from tests.simulation.tables import Tables


def reference(name: str) -> str:
    return (DOCS / "reference" / f"{name}.md").read_text()


def test_every_reason_is_explained() -> None:
    assert unmentioned({str(one) for one in Reason}, reference("gates")) == []


def test_every_condition_is_explained() -> None:
    assert unmentioned({str(one) for one in ConditionType}, everything_written()) == []


def test_every_field_of_the_resource_is_explained() -> None:
    schema = crd.definition()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    names = {name for part in ("spec", "status") for name in fields(schema[part])}
    assert len(names) > 100
    assert [name for name in sorted(names) if f"{name}`" not in reference("resource")] == []


def test_every_verb_of_bbs_is_explained() -> None:
    assert [verb for verb, _ in verbs() if f"| `{verb}" not in reference("cli")] == []


def test_every_option_of_bbs_is_explained() -> None:
    options = {option for _, command in verbs() for option in shown_options(command)}
    assert unmentioned(options, reference("cli")) == []


def test_every_metric_of_the_bbs_is_explained() -> None:
    registry = CollectorRegistry()
    RequestMetrics(registry)
    registry.register(StatusMetrics(dict))
    names = {sample_name(family.name, family.type) for family in registry.collect()}
    assert len(names) > 5
    assert unmentioned(names, reference("http") + reference("metrics")) == []


async def test_every_metric_of_a_master_is_explained() -> None:
    async with deployment(Tables()) as found:
        found.start("bbs-0")
        member = await found.serving()
        registry = CollectorRegistry()
        registry.register(MasterMetrics(member, Figures(), CallFigures()))
        names = {sample_name(family.name, family.type) for family in registry.collect()}
    assert len(names) > 35
    assert unmentioned(names, reference("metrics")) == []


def test_every_metric_of_the_event_streams_is_explained() -> None:
    registry = CollectorRegistry()
    EventMetrics(registry)
    names = {sample_name(family.name, family.type) for family in registry.collect()}
    assert len(names) == 3
    assert unmentioned(names, reference("events")) == []


def test_every_key_of_a_configuration_is_explained() -> None:
    pages = {
        "configuration": BBSConfiguration,
        "locket": LocketConfiguration,
        "cell": RepConfiguration,
        "auctioneer": AuctioneerConfiguration,
    }
    shared = reference("configuration")
    missing = {page: unmentioned(set(model.model_fields), reference(page)) for page, model in pages.items()}
    inner = {page: unmentioned(set(keys(model)), reference(page) + shared) for page, model in pages.items()}
    assert {page: names for page, names in missing.items() if names} == {}
    assert {page: names for page, names in inner.items() if names} == {}


# --- what there is to name --------------------------------------------------------------------------------------------


def fields(schema: dict[str, Any]) -> Iterator[str]:
    for name, part in schema.get("properties", {}).items():
        yield name
        yield from fields(part)
        yield from fields(part.get("items", {}))


def verbs() -> Iterator[tuple[str, click.Command]]:
    def below(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
        for name, part in getattr(command, "commands", {}).items():
            yield from below(part, f"{path}{name} ")
        if not hasattr(command, "commands"):
            yield path.strip(), command

    yield from below(typer.main.get_command(app), "")


def shown_options(command: click.Command) -> set[str]:
    shown = (one for one in command.params if not getattr(one, "hidden", False))
    return {name for one in shown for name in one.opts if name.startswith("--")}


def sample_name(family: str, kind: str) -> str:
    """Prometheus's text names a counter with `_total`, its family without."""
    return f"{family}_total" if kind == "counter" else family


def keys(model: type[BaseModel]) -> Iterator[str]:
    """The keys of a section, and those of sections of ours below it."""
    for name, field in model.model_fields.items():
        yield name
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from keys(part)
