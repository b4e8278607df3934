"""Calls of the operator to BBS members and cells: mutual TLS to the pod's IP, the name in the certificate verified.

A pod IP may belong to another pod by the time of the call, so the name asked for is the pod's own.
"""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp

from controllers.render.names import TLS_PORTS, Names

DEADLINE_S = 3.0
AT_ONCE = 32
DIEGO, ETCD = "diego", "etcd"
"""Towards whom a certificate is shown: the managed etcd has an authority of its own."""


class NoAnswer(Exception):
    """It could not be asked, or what it said is no answer."""


class CallRefused(Exception):
    """It answered with a refusal: status, code and message."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"{status} {said}")
        self.status = status


class Plane:
    """One HTTP session for one Diego, renewed when the operator's certificate is."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._session: aiohttp.ClientSession | None = None
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._stamps: dict[str, str] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def trust(self, files: dict[str, bytes], towards: str = DIEGO) -> None:
        """Use these PEM files, tls.crt, tls.key and ca.crt of one Secret, towards members and cells, or etcd."""
        stamp = sha256(b"".join(files[name] for name in sorted(files))).hexdigest()
        if stamp == self._stamps.get(towards):
            return
        self._contexts[towards] = await asyncio.to_thread(_context, files)
        self._stamps[towards] = stamp
        await self.close()

    async def close(self) -> None:
        """Ends the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def bbs(
        self, verb: str, pod: str, ip: str, path: str, body: Any = None, *, within: float = DEADLINE_S
    ) -> dict[str, Any]:
        """Call one BBS member; `within` in seconds. Raises NoAnswer, CallRefused."""
        host = self._names.host("bbs-members", pod)
        return await self._ask(verb, f"https://{ip}:{TLS_PORTS['bbs']}{path}", host, body, within)

    async def cell(self, verb: str, pod: str, ip: str, path: str) -> dict[str, Any]:
        """Call one cell. Raises NoAnswer, CallRefused."""
        host = self._names.host("cells", pod)
        return await self._ask(verb, f"https://{ip}:{TLS_PORTS['cell']}{path}", host, None, DEADLINE_S)

    async def etcd(self, pod: str, ip: str, path: str, body: Any) -> dict[str, Any]:
        """Call one member of the managed etcd by its JSON gateway. Raises NoAnswer, CallRefused."""
        host = self._names.host("etcd", pod)
        return await self._ask("POST", f"https://{ip}:{TLS_PORTS['etcd']}{path}", host, body, DEADLINE_S, ETCD)

    async def _ask(
        self, verb: str, url: str, host: str, body: Any, within: float, towards: str = DIEGO
    ) -> dict[str, Any]:
        context = self._contexts.get(towards)
        if context is None:
            raise NoAnswer("the operator has no certificate yet")
        if self._session is None:
            self._session = aiohttp.ClientSession()
        deadline = aiohttp.ClientTimeout(total=within)
        try:
            async with (
                self._slots,
                self._session.request(
                    verb,
                    url,
                    json=body,
                    ssl=context,
                    server_hostname=host,
                    allow_redirects=False,
                    timeout=deadline,
                ) as answer,
            ):
                return await _read(answer)
        except (aiohttp.ClientError, TimeoutError, OSError) as failed:
            raise NoAnswer(f"{host}: {failed or type(failed).__name__}") from failed


async def _read(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    text = await answer.text()
    if answer.status >= 300:
        raise CallRefused(answer.status, text[:500])
    if not text.strip():
        return {}
    try:
        found = await answer.json(content_type=None)
    except ValueError as failed:
        raise NoAnswer("the answer is no JSON") from failed
    if not isinstance(found, dict):
        raise NoAnswer("the answer is no JSON object")
    return found


def _context(files: dict[str, bytes]) -> ssl.SSLContext:
    """OpenSSL loads a key only from a file: it lies in a private directory for the moment of loading."""
    context = ssl.create_default_context(cadata=files["ca.crt"].decode())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = Path(folder, "tls.crt"), Path(folder, "tls.key")
        certificate.write_bytes(files["tls.crt"])
        key.touch(mode=0o600)
        key.write_bytes(files["tls.key"])
        context.load_cert_chain(certificate, key)
    return context
