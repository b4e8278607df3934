"""Why a first connection failed, in words: gRPC says `UNAVAILABLE` for a wrong CA as for a server that is away."""

from __future__ import annotations

import asyncio
import ssl

from bbs.stores.contract import StoreError, StoreMisconfigured, StoreUnavailable
from bbs.stores.etcd_client.member import Member, Secrets

_ALERT_WAIT = 0.5
"""Seconds to wait for a TLS 1.3 server to say that it refuses our certificate: it does so after the handshake."""


async def diagnose(member: Member, secrets: Secrets | None, seen: StoreUnavailable, limit: float) -> StoreError:
    """A clearer failure than `seen`, StoreMisconfigured where waiting can't help; `seen` when the port looks well."""
    host, _, port = member.address.rpartition(":")
    if not host or not port.isdigit():
        return StoreMisconfigured(f"etcd endpoint {member.endpoint}: wanted https://host:port")
    try:
        context = await asyncio.to_thread(_context, secrets) if member.endpoint.startswith("https://") else None
        async with asyncio.timeout(limit):
            refused = await _handshake(host.strip("[]"), int(port), context, secrets.server_name if secrets else None)
    except ssl.SSLError as error:
        return StoreMisconfigured(f"etcd {member.endpoint}: TLS failed: {error.reason or error}; {_remedy(error)}")
    except TimeoutError:
        return StoreUnavailable(f"etcd {member.endpoint}: no answer within {limit} s; is the server paused or cut off?")
    except OSError as error:
        return StoreUnavailable(f"etcd {member.endpoint}: {error.strerror or error}; start it or correct its address")
    if refused:
        text = f"etcd {member.endpoint}: the server refused our certificate; use one that its --trusted-ca-file signed"
        return StoreMisconfigured(text)
    return seen


def _context(secrets: Secrets | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(secrets.ca_file) if secrets and secrets.ca_file else None)
    if secrets and secrets.cert_file:
        context.load_cert_chain(secrets.cert_file, secrets.key_file)
    context.set_alpn_protocols(["h2"])
    return context


async def _handshake(host: str, port: int, context: ssl.SSLContext | None, name: str | None) -> bool:
    """Whether the server refused our certificate after the handshake."""
    named = name if context is not None else None
    reader, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=named)
    try:
        async with asyncio.timeout(_ALERT_WAIT):
            await reader.read(1)
    except TimeoutError:
        return False
    except ssl.SSLError as error:
        return "certificate" in str(error).lower() or "unknown_ca" in str(error).lower()
    finally:
        writer.close()
    return False


def _remedy(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        wanted = "an endpoint or a server_name that its certificate names"
        return f"give store.etcd.tls.ca_file the CA that signed the server, and {wanted}"
    return "this port speaks no TLS, or another one: correct store.etcd.endpoints and store.etcd.tls"
