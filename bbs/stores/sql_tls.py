"""TLS to a relational server: what is checked, and in words why a connection did not come about."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bbs.stores.contract import StoreError, StoreMisconfigured, StoreUnavailable


@dataclass(frozen=True, slots=True)
class SQLTrust:
    """TLS to a server. No `ca_file`: the system's authorities. `server_name`: if it is not the host dialled.

    `mode`: how strictly the server is checked; `Required` only encrypts. `cert_file` and `key_file` go together.
    """

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    server_name: str | None = None
    mode: Literal["Required", "VerifyCA", "VerifyIdentity"] = "VerifyIdentity"


class _NamedContext(ssl.SSLContext):
    """Expects a certificate for a name of its own, whatever host a driver dialled."""

    server_name: str | None = None

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        return super().wrap_bio(incoming, outgoing, server_side, self.server_name or server_hostname, session)


def client_context(engine: str, trust: SQLTrust) -> ssl.SSLContext:
    """A context of those files, read now. Raises StoreMisconfigured, naming them."""
    context = _NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.server_name = trust.server_name
    context.check_hostname = trust.mode == "VerifyIdentity"
    context.verify_mode = ssl.CERT_NONE if trust.mode == "Required" else ssl.CERT_REQUIRED
    try:
        if trust.ca_file is None:
            context.load_default_certs()
        else:
            context.load_verify_locations(trust.ca_file)
        if trust.cert_file is not None:
            context.load_cert_chain(trust.cert_file, trust.key_file)
    except (OSError, ssl.SSLError) as error:
        named = ", ".join(str(file) for file in (trust.ca_file, trust.cert_file, trust.key_file) if file is not None)
        message = (
            f"TLS files of the {engine} client, one of {named}: {error.strerror or error}; correct store.{engine}.tls"
        )
        raise StoreMisconfigured(message) from error
    return context


Upgrade = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bool]]
"""Asks a server for TLS in its own protocol; whether it agrees."""


async def alert(name: str, port: int, context: ssl.SSLContext, upgrade: Upgrade) -> ssl.SSLError | None:
    """What a server that hung up had to say about our certificate.

    A TLS 1.3 server says so after the handshake, and what a driver had sent meanwhile makes the kernel forget it. So
    the handshake is made once more, and nothing is sent after it.
    """
    try:
        reader, writer = await asyncio.open_connection(name, port)
        try:
            if await upgrade(reader, writer):
                await writer.start_tls(context, server_hostname=name)
                await reader.read(1)
        finally:
            writer.close()
    except ssl.SSLError as error:
        return error
    except (OSError, EOFError):
        return None
    return None


def unreachable(engine: str, host: object, error: BaseException) -> StoreError:
    """Why no connection came about, by the first cause that says it: TLS can't be waited for, a network can."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            text = f"{engine} {host}: {cause.verify_message}"
            remedy = f"give store.{engine}.tls.ca_file the CA that signed the server, and hosts by names it certifies"
            return StoreMisconfigured(f"{text}; {remedy}")
    for cause in causes:
        if isinstance(cause, ssl.SSLError) or "[SSL: " in str(cause):  # a driver may keep the words alone
            remedy = f"this server refuses our certificate or speaks no TLS: correct store.{engine}.tls"
            return StoreMisconfigured(f"{engine} {host}: TLS failed: {cause}; {remedy}")
    return StoreUnavailable(f"{engine} {host}: {error}; start the server or correct store.{engine}.hosts")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
