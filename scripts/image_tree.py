"""What an image's build does to the installed packages: takes layouts out, and writes down what was built.

Owns `bbs/_build.json` and the removal of layout files. Runs in `docker build` only, on the standard library alone.
Usage: image_tree.py layouts FOLDER UNTIL | image_tree.py stamp SITE_PACKAGES VERSION [RENDERER_MARK]
"""

import hashlib
import json
import sys
from pathlib import Path

PACKAGES = ("bbs", "components", "controllers")
STAMP = Path("bbs/_build.json")


def remove_layouts_above(folder: Path, until: int) -> list[int]:
    """Deletes the layout files of data versions above `until` and gives their numbers.

    An older release is the same source with fewer layouts: deleting none would make two equal releases, an error.
    """
    files = {int(file.stem.removeprefix("layout_")): file for file in folder.glob("layout_[0-9]*.py")}
    above = sorted(number for number in files if number > until)
    if not above:
        sys.exit(f"LAYOUTS_UNTIL={until} deletes nothing: the layouts are {sorted(files)}; name one below the newest")
    for number in above:
        files[number].unlink()
    return above


def tree_hash(site: Path) -> str:
    """The same for the same installed sources, whatever their time stamps; the stamp and byte code don't count."""
    digest = hashlib.sha256()
    for file in sorted(file for package in PACKAGES for file in (site / package).rglob("*") if file.is_file()):
        name = file.relative_to(site)
        if file.suffix != ".pyc" and name != STAMP:
            digest.update(f"{name}\0{file.stat().st_size}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def stamp(site: Path, version: str, renderer_mark: str) -> dict[str, str]:
    """Writes and gives {version, build}, and the renderer's mark where one was asked for."""
    content = {"version": version, "build": tree_hash(site)}
    if renderer_mark:
        content["renderer_mark"] = renderer_mark
    (site / STAMP).write_text(json.dumps(content) + "\n")
    return content


match sys.argv[1:]:
    case ["layouts", folder, until]:
        print("layouts taken out:", remove_layouts_above(Path(folder), int(until)))
    case ["stamp", site, version, *mark]:
        print(stamp(Path(site), version, mark[0] if mark else ""))
    case _:
        sys.exit(__doc__)
