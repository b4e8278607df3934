"""The console script `bbs`: a process to run, and everything a person does to a BBS or its store."""


def main() -> None:
    """Entry point of the console script. The import waits until here: `bbs.cli` itself costs nothing."""
    from bbs.cli.app import app  # noqa: PLC0415

    app(prog_name="bbs")
