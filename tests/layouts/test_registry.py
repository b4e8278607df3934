"""Which layouts a build has is decided by the files that lie in it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import bbs
from bbs.layouts.contract import OURS
from bbs.layouts.registry import layouts, leaves_encryption, newest_served, served

PROGRAM = "from bbs.layouts.registry import layouts, newest_served; print(*layouts(), newest_served())"


def test_each_layout_file_is_found_in_ascending_order() -> None:
    assert list(layouts()) == [0, 1441411196, 1442529338, 1450292094, 1451635200, 4000000001]


def test_every_layout_of_this_issue_is_served_and_ours_is_the_newest() -> None:
    assert served() == tuple(layouts())
    assert newest_served() == layouts()[newest_served()].version > OURS


def test_a_build_without_a_file_is_a_build_without_that_layout(tmp_path: Path) -> None:
    copy = tmp_path / "bbs"
    shutil.copytree(Path(bbs.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "layouts" / "layout_4000000001.py").unlink()
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "1441411196", "1442529338", "1450292094", "1451635200", "1451635200"]


def test_only_the_etcd_era_has_a_place_upstream() -> None:
    assert {version: layout.natural_root for version, layout in layouts().items() if layout.natural_root is None} == {
        4000000001: None
    }


def test_only_version_0_leaves_encryption() -> None:
    assert [version for version, layout in layouts().items() if leaves_encryption(layout)] == [0]
