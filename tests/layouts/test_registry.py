"""Which layouts a build has is decided by the files that lie in it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import bbs
from bbs.layouts.contract import OURS
from bbs.layouts.registry import layouts, leaves_encryption, newest_served, served

ETCD_ERA = (0, 1441411196, 1442529338, 1450292094, 1451635200)
RELATIONAL_ERA = (
    *(1461790966, 1471030898, 1472757022, 1474908092, 1474993971, 1481761088, 1502289152, 1522700600, 1523050077),
    *(1528928964, 1529530809, 1643660541, 1674146125, 1676360874, 1686692176, 1698182853, 1722634733, 1764949919),
    1772581987,
)
PROGRAM = "from bbs.layouts.registry import layouts, newest_served; print(*layouts(), newest_served())"


def test_each_layout_file_is_found_in_ascending_order() -> None:
    assert list(layouts()) == [*ETCD_ERA, *RELATIONAL_ERA, 4000000001]


def test_the_etcd_era_the_last_of_the_relational_era_and_ours_are_served_and_ours_is_the_newest() -> None:
    assert served() == (*ETCD_ERA, 1772581987, 4000000001)
    assert newest_served() == layouts()[newest_served()].version > OURS


def test_a_build_without_a_file_is_a_build_without_that_layout(tmp_path: Path) -> None:
    copy = tmp_path / "bbs"
    shutil.copytree(Path(bbs.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "layouts" / "layout_4000000001.py").unlink()
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(version) for version in (*ETCD_ERA, *RELATIONAL_ERA, 1772581987)]


def test_what_was_upstream_has_a_place_there_and_ours_has_none() -> None:
    places = dict.fromkeys(ETCD_ERA, "v1") | dict.fromkeys(RELATIONAL_ERA, "tables") | {4000000001: None}
    assert {version: layout.natural_root for version, layout in layouts().items()} == places


def test_only_version_0_leaves_encryption() -> None:
    assert [version for version, layout in layouts().items() if leaves_encryption(layout)] == [0]
