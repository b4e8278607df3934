"""The verbs and their options; what a verb does is imported when it is called, so that `bbs --help` answers at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from bbs.cli.exits import fail, run
from bbs.cli.reach import Reach

# ruff: noqa: PLC0415 - each verb imports what it needs, see above
# ruff: noqa: UP045 - typer reads these annotations at run time

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="The bulletin board system of Diego. Data goes to stdout, logs and bars to stderr. "
    "Exit: 0 done, 2 usage or configuration, 3 refused, 4 unreachable.",
)
migrate = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Plan a migration, or run it to its end.")
app.add_typer(migrate, name="migrate")
keys = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The keys that records are encrypted with.")
app.add_typer(keys, name="keys")

Config = Annotated[Optional[Path], typer.Option("--config", envvar="DIEGO_CONFIG", help="Work on the store itself.")]
Url = Annotated[Optional[str], typer.Option("--url", help="https://HOST:8889: work through the master.")]
Cert = Annotated[Optional[Path], typer.Option("--cert", help="Client certificate, PEM.")]
Key = Annotated[Optional[Path], typer.Option("--key", help="Its key, PEM.")]
Ca = Annotated[Optional[Path], typer.Option("--ca", help="Trusted authorities, PEM.")]
To = Annotated[int, typer.Option("--to", help="The data version wanted.")]


@app.command()
def serve(
    config: Annotated[Path, typer.Option("--config", envvar="DIEGO_CONFIG", help="Configuration.")],
    child: Annotated[bool, typer.Option("--child", hidden=True)] = False,
) -> None:
    """Run a BBS: a small supervisor, and the server as its child."""
    from bbs.cli.serving import serve as work

    try:
        work(config, child=child)
    except Exception as error:
        fail(error)


@app.command()
def status(
    url: Url = None, cert: Cert = None, key: Key = None, ca: Ca = None,
    as_json: Annotated[bool, typer.Option("--json", help="The document as it is.")] = False,
) -> None:  # fmt: skip
    """Show the status of the member at --url."""
    from bbs.cli.status import show

    run(show(Reach(None, url, cert, key, ca), as_json=as_json))


@app.command()
def version() -> None:
    """Print version and build."""
    from bbs.build import version as known

    print("{version} {build}".format(**known()))


@app.command()
def certs(
    directory: Path,
    name: Annotated[Optional[list[str]], typer.Option("--name", help="Further name or address of the server.")] = None,
) -> None:
    """Make a certificate authority and certificates for a server, a client and an operator."""
    from bbs.cli.certs import make

    try:
        make(directory, name or [])
    except Exception as error:
        fail(error)


@migrate.command("plan")
def migrate_plan(
    to: To, config: Config = None, url: Url = None, cert: Cert = None, key: Key = None, ca: Ca = None
) -> None:
    """Rehearse, read-only: how many records, how long, what would be lost, what stands in the way."""
    from bbs.cli.migrate import plan

    run(plan(Reach(config, url, cert, key, ca), to))


@migrate.command("run")
def migrate_run(
    to: To, config: Config = None, url: Url = None, cert: Cert = None, key: Key = None, ca: Ca = None,
    max_records_per_second: Annotated[Optional[int], typer.Option(help="Throttle, for a store that is shared.")] = None,
    online: Annotated[bool, typer.Option("--online", help="Requests are answered meanwhile; with --url.")] = False,
) -> None:  # fmt: skip
    """Set the target and wait until it is reached."""
    from bbs.cli.migrate import migrate as work

    run(work(Reach(config, url, cert, key, ca), to, max_records_per_second, online=online))


@migrate.command("move")
def migrate_move(
    config: Config = None, url: Url = None, cert: Cert = None, key: Key = None, ca: Ca = None
) -> None:  # fmt: skip
    """Move all records from etcd to the database that is configured beside it; safe to run again."""
    from bbs.cli.move import move as work

    run(work(Reach(config, url, cert, key, ca)))


@keys.command("status")
def keys_status(config: Config = None, url: Url = None, cert: Cert = None, key: Key = None, ca: Ca = None) -> None:
    """Which keys are loaded, which one is active, and how many records bear which."""
    from bbs.cli.keys import show

    run(show(Reach(config, url, cert, key, ca)))


@keys.command("rotate")
def keys_rotate(
    to: Annotated[str, typer.Option("--to", help="The label of a loaded key.")],
    config: Config = None, url: Url = None, cert: Cert = None, key: Key = None, ca: Ca = None,
) -> None:  # fmt: skip
    """Make a key the active one, and wait until every record is sealed with it."""
    from bbs.cli.keys import rotate

    run(rotate(Reach(config, url, cert, key, ca), to))


@app.command()
def handback(config: Config = None) -> None:
    """Give a store at upstream's newest data version back to a Go BBS; safe to run again."""
    from bbs.cli.handback import handback as work

    run(work(Reach(config, None, None, None, None)))


@app.command("export")
def export(
    config: Config = None, url: Url = None, cert: Cert = None, key: Key = None, ca: Ca = None,
    domain: Annotated[str, typer.Option("--domain", help="Only domains of this pattern (* and ?).")] = "*",
) -> None:  # fmt: skip
    """Print all records as lines of JSON, sorted, decrypted, independent of layout and store."""
    from bbs.cli.export import export as work

    run(work(Reach(config, url, cert, key, ca), domain))


@app.command("import")
def import_(
    file: Path, config: Config = None, url: Url = None, cert: Cert = None, key: Key = None, ca: Ca = None,
    skip_actual_lrps: Annotated[bool, typer.Option(help="With --url: leave out what the API has no call for.")] = False,
) -> None:  # fmt: skip
    """Store the records of an export."""
    from bbs.cli.records import import_file

    run(import_file(Reach(config, url, cert, key, ca), file, skip_actual_lrps=skip_actual_lrps))


@app.command()
def generate(
    records: Annotated[int, typer.Option("--records", min=1, help="How many in all.")],
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same records.")] = 0,
    version: Annotated[Optional[int], typer.Option("--version", help="An empty store begins at this version.")] = None,
    config: Config = None, url: Url = None, cert: Cert = None, key: Key = None, ca: Ca = None,
    inert: Annotated[bool, typer.Option("--inert", help="Records that no cell and no convergence acts on.")] = False,
) -> None:  # fmt: skip
    """Fill a BBS with realistic records; prints count and sha256 per kind of what was sent."""
    from bbs.cli.records import generate as work

    run(work(Reach(config, url, cert, key, ca), records, seed, version, inert=inert))


@app.command()
def converge(
    owner: Annotated[str, typer.Option("--owner", help="Who takes the turn; two of one name are one.")],
    url: Url = None, cert: Cert = None, key: Key = None, ca: Ca = None,
    interval: Annotated[float, typer.Option("--interval", min=1, max=200, help="Seconds between two runs.")] = 30.0,
    once: Annotated[bool, typer.Option("--once", help="One run, then give the turn back.")] = False,
) -> None:  # fmt: skip
    """Converge LRPs and tasks from outside the BBS, which leaves it to this process meanwhile."""
    from bbs.cli.converge import converge as work

    run(work(Reach(None, url, cert, key, ca), owner, interval, once=once))
