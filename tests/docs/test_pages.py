"""Pages lead somewhere: links, files and commands that they name are there."""

from __future__ import annotations

import re
import shutil
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from bbs.certs import write_certificates
from bbs.configuration import load
from tests.docs.pages import DOCS, PAGES, ROOT, code

OWN_TREE = tuple(page for page in PAGES if page.parent != ROOT / "e2e/cluster")
"""Pages that speak of files of this tree only, not of those in an image or on a node."""

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def relative_links(page: Path) -> list[str]:
    return [link for link in LINK.findall(page.read_text()) if "://" not in link and not link.startswith("#")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    assert [link for link in relative_links(page) if not (page.parent / link.split("#")[0]).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_into_a_page_leads_to_a_heading(page: Path) -> None:
    inner = [link.split("#") for link in relative_links(page) if "#" in link]
    assert [anchor for file, anchor in inner if anchor not in anchors(page.parent / file)] == []


def anchors(page: Path) -> set[str]:
    """Headings as GitHub makes anchors of them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_verb_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"\bmake ([a-z][a-z0-9-]*)", code(page)))
    assert sorted(named - targets) == []


@pytest.mark.parametrize("page", OWN_TREE, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_of_ours_that_a_page_names_exists(page: Path) -> None:
    tops = "bbs|controllers|components|operator|charts|crds|e2e|tests|docs|scripts|examples"
    named = re.findall(rf"(?<![\w/.-])((?:{tops})/[\w/.-]*[\w/])(?![\w*<{{])", code(page))
    here = (page.parent, ROOT)
    missing = {name for name in named if not any((folder / name).exists() for folder in here)}
    # Runs of the scenarios make it; git ignores it.
    assert sorted(missing - {"e2e/out", "e2e/out/"}) == []


def test_the_index_lists_every_page() -> None:
    listed = {(DOCS / link).resolve() for link in relative_links(DOCS / "README.md")}
    assert sorted(set(DOCS.rglob("*.md")) - listed - {DOCS / "README.md"}) == []


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    names = {re.split(r"[<>=\[ ]", one)[0] for one in wanted} - {project["name"]}
    page = (DOCS / "dependencies.md").read_text()
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []


def test_every_verb_of_daily_work_says_what_it_is_for() -> None:
    targets = re.findall(r"^([a-z0-9-]+):(.*)$", (ROOT / "Makefile").read_text(), re.M)
    assert [name for name, rest in targets if "## " not in rest] == []


def test_pictures_are_well_formed_and_small() -> None:
    pictures = sorted((DOCS / "images").glob("*.svg"))
    assert pictures
    for picture in pictures:
        assert ElementTree.parse(picture).getroot().tag.endswith("svg")
        assert picture.stat().st_size < 20_000


def test_the_sample_configuration_is_accepted_beside_certificates_of_bbs_certs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """README's three lines, as far as they need no process: `tests/cli` runs the rest."""
    write_certificates(tmp_path / "certs", datetime.now(UTC))
    shutil.copy(ROOT / "examples/bbs.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert load(Path("bbs.yaml")).store.type == "sqlite"


def test_the_sample_resource_names_only_fields_of_the_resource() -> None:
    sample = yaml.safe_load((ROOT / "diego.yaml").read_text())
    page = (DOCS / "reference/resource.md").read_text()
    assert [name for name in sample["spec"] if f"| `{name}` |" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_line_of_a_page_ends_in_blanks(page: Path) -> None:
    assert [line for line in page.read_text().splitlines() if line != line.rstrip()] == []


def test_every_page_that_code_names_exists() -> None:
    folders = ("bbs", "components", "controllers", "operator", "e2e", "charts", "tests")
    files = [file for top in folders for file in (ROOT / top).rglob("*.py")]
    named = {name for file in files for name in re.findall(r"\bdocs/[\w/-]+\.md", file.read_text())}
    assert sorted(name for name in named if not (ROOT / name).exists()) == []
