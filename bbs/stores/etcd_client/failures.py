"""The table of codes: which of etcd's answers are definite, and what each means for a store.

Whatever is not named here leaves the outcome unknown: time-outs, cut connections, a lost leader, an overloaded server.
"""

from __future__ import annotations

import grpc

from bbs.stores.contract import StoreError, StoreFull, StoreMisconfigured, StoreRefused, StoreUnavailable

_TEXTS: tuple[tuple[str, type[StoreError], str], ...] = (
    ("database space exceeded", StoreFull, "compact, defragment and disarm the alarm, or raise --quota-backend-bytes"),
    ("too many operations in txn request", StoreRefused, "raise the server's --max-txn-ops to at least 128"),
    ("duplicate key given in txn request", StoreRefused, "report this: one commit wrote a key twice"),
    ("request is too large", StoreRefused, "raise the server's --max-request-bytes to at least 1.5 MiB"),
    ("received message larger than max", StoreRefused, "raise the server's --max-request-bytes to at least 1.5 MiB"),
    ("permission denied", StoreMisconfigured, "give this client's user all rights on its keys, or disable auth"),
    ("user name is empty", StoreMisconfigured, "this server demands a user and password: use client certificates"),
    ("invalid auth token", StoreMisconfigured, "this server demands a user and password: use client certificates"),
    ("http1.x server", StoreMisconfigured, "this is no etcd client port: correct store.etcd.endpoints"),
)
_CODES: dict[grpc.StatusCode, tuple[type[StoreError], str]] = {
    grpc.StatusCode.UNIMPLEMENTED: (StoreMisconfigured, "this is no etcd v3 server: correct store.etcd.endpoints"),
    grpc.StatusCode.UNAUTHENTICATED: (StoreMisconfigured, "give the client a certificate that this server trusts"),
    grpc.StatusCode.PERMISSION_DENIED: (StoreMisconfigured, "give this client's user all rights on its keys"),
}


def failure(code: grpc.StatusCode, details: str, endpoint: str) -> StoreError:
    """The kind of failure that this answer is, with the endpoint and what to do."""
    for text, kind, remedy in _TEXTS:
        if text in details:
            return kind(f"etcd {endpoint}: {details}; {remedy}")
    kind, remedy = _CODES.get(code, (StoreUnavailable, "the outcome is unknown: repeat the call"))
    return kind(f"etcd {endpoint}: {code.name}: {details}; {remedy}")
