"""The console script as a process: exit codes, what goes where."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from bbs.cli.exits import Refusal
from bbs.cli.migrate import done
from bbs.cli.status import rows
from bbs.server import BBSApplication, BBSServer, Bind, Credentials
from tests.certificates import Certificates
from tests.server.member import Member, context, no_cells

ROOT = Path(__file__).parents[2]


async def bbs(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run `bbs` to its end."""
    command = [sys.executable, "-m", "bbs.cli", *map(str, arguments)]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env={"PATH": "/usr/bin:/bin"}
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return subprocess.CompletedProcess(command, process.returncode or 0, out.decode(), err.decode())


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates.create(Path(tmp_path_factory.mktemp("certificates")))


@pytest.fixture
async def member() -> Member:
    return Member()


@pytest.fixture
async def master(member: Member, certificates: Certificates) -> AsyncIterator[list[str]]:
    """A running BBS; the options that reach it as the operator."""
    registry = CollectorRegistry()
    application = BBSApplication(member, context, no_cells)
    server = BBSServer(member, application, registry, Credentials(certificates.server()))
    server.start(Bind("127.0.0.1", 0), None)
    files = certificates.client("diego-operator")
    url = f"https://localhost:{server.address.port}"
    yield ["--url", url, "--cert", str(files.cert_file), "--key", str(files.key_file), "--ca", str(files.ca_file)]
    await server.close(0.1)


async def test_status_prints_the_document(master: list[str]) -> None:
    shown = await bbs("status", "--json", *master)
    assert shown.returncode == 0
    assert json.loads(shown.stdout)["epoch"] == 7


async def test_status_is_readable_without_json(master: list[str]) -> None:
    shown = await bbs("status", *master)
    assert "role" in shown.stdout
    assert "Master" in shown.stdout


async def test_who_reaches_nobody_leaves_with_4(certificates: Certificates) -> None:
    files = certificates.client()
    options = ["--cert", files.cert_file, "--key", files.key_file, "--ca", files.ca_file]
    ended = await bbs("status", "--url", "https://localhost:1", *options)
    assert (ended.returncode, ended.stdout) == (4, "")
    assert "Unreachable: localhost:1" in ended.stderr


async def test_a_url_without_certificate_is_a_usage_error() -> None:
    ended = await bbs("status", "--url", "https://localhost:1")
    assert ended.returncode == 2
    assert "--cert, --key and --ca" in ended.stderr


async def test_a_bad_configuration_leaves_with_2(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("listen_adress: x\n")
    ended = await bbs("serve", "--config", file)
    assert ended.returncode == 2
    assert "did you mean `listen_address`" in ended.stderr


async def test_a_refused_target_leaves_with_3(member: Member, master: list[str]) -> None:
    ended = await bbs("migrate", "run", "--to", 4000000001, *master)
    assert ended.returncode == 3
    assert "StaleGeneration: the generation is 3, not 0" in ended.stderr


async def test_generate_prints_what_it_sent_and_sends_it(member: Member, master: list[str]) -> None:
    ended = await bbs("generate", "--records", 30, "--seed", 1, "--inert", *master)
    assert ended.returncode == 0, ended.stderr
    lines = [line.split() for line in ended.stdout.splitlines()]
    assert {kind for kind, _, _ in lines} <= {"domains", "desired_lrps", "tasks"}
    counts = {kind: int(count) for kind, count, _ in lines}
    assert sum(1 for kind, _ in member.state.records if kind == "domains") == counts["domains"]


async def test_an_import_of_something_else_stores_nothing(tmp_path: Path, member: Member, master: list[str]) -> None:
    file = tmp_path / "export.jsonl"
    file.write_text("no json\n")
    ended = await bbs("import", file, *master)
    assert ended.returncode == 3
    assert "nothing was stored" in ended.stderr
    assert not member.state.records


async def test_certs_are_not_replaced(tmp_path: Path) -> None:
    assert (await bbs("certs", tmp_path / "c")).returncode == 0
    ended = await bbs("certs", tmp_path / "c")
    assert ended.returncode == 3
    assert "exists already" in ended.stderr


async def test_help_loads_no_engine() -> None:
    code = "import sys, bbs.cli.app; print(*sorted(m for m in sys.modules if '.' not in m))"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=subprocess.PIPE, cwd=ROOT)
    out, _ = await process.communicate()
    assert not {"grpc", "pydantic", "google", "rich", "cryptography", "structlog", "yaml"} & set(out.decode().split())


def test_status_rows_leave_out_what_says_nothing() -> None:
    assert rows({"role": "Standby", "epoch": None, "migration": None}) == [("role", "Standby")]


def test_a_failed_attempt_of_this_call_ends_the_wait() -> None:
    failure = {"key": "desired/a", "reason": "Undecodable", "message": "no base64", "generation": 4}
    status = {"data": {"current": 0, "target": 5, "generation": 4}, "migration": {"failure": failure}}
    with pytest.raises(Refusal, match="stopped at desired/a: Undecodable: no base64"):
        done(status, 5, 4, lambda _done, _total: None)


def test_the_failure_of_an_earlier_call_does_not() -> None:
    status = {"data": {"current": 0, "target": 5}, "migration": {"failure": {"generation": 3}, "total": 9, "done": 2}}
    seen: list[tuple[int, int | None]] = []
    assert not done(status, 5, 4, lambda amount, total: seen.append((amount, total)))
    assert seen == [(2, 9)]
