"""The command line of files that are generated from the models: print, `--write FILE...`, `--check FILE...`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def run(module: str, text: str, arguments: list[str] | None = None) -> int:
    """Prints, writes or compares `text`; gives the exit code, 1 when a compared file differs."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--write", nargs="+", type=Path, metavar="FILE", help="write these files")
    choice.add_argument("--check", nargs="+", type=Path, metavar="FILE", help="fail when one of these differs")
    chosen = parser.parse_args(arguments)
    if chosen.write is None and chosen.check is None:
        sys.stdout.write(text)
    for file in chosen.write or ():
        file.write_text(text)
    stale = [file for file in chosen.check or () if not file.exists() or file.read_text() != text]
    for file in stale:
        sys.stderr.write(f"{file} differs from the models; run: python -m {module} --write {file}\n")
    return 1 if stale else 0
