"""Metrics of the components, as the running programs tell them."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tests.components.certificates import Trust
from tests.components.deployment import Deployment
from tests.components.programs import Program
from tests.docs.pages import everything_written, unmentioned


async def test_every_metric_of_the_components_is_explained(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path, Trust(tmp_path / "trust"))
    deployment.bbs_url = "https://127.0.0.1:1"
    try:
        await deployment.start_locket()
        auctioneer = await deployment.start_auctioneer()
        cell = await deployment.start_cell("cell-1")
        names = set()
        for program in (auctioneer, cell.program):
            names |= await scraped(deployment, program)
    finally:
        await deployment.close()
    assert {name.split("_")[1] for name in names} == {"auctioneer", "cell"}
    assert unmentioned(names, everything_written()) == []


async def scraped(deployment: Deployment, program: Program) -> set[str]:
    """Names of the samples at a program's plain port."""
    address = yaml.safe_load(program.file.read_text())["health_address"]
    answer = await deployment.plain.call("GET", f"http://{address}/metrics")
    return set(re.findall(r"^(diego_\w+)", answer.body.decode(), re.M))
