"""Domains: names whose freshness allows convergence to remove what nobody desires."""

from __future__ import annotations

from bbs.models.limits import require_key, require_names
from bbs.models.records import NEVER, Kind, Nanoseconds, Record, put
from bbs.models.state import Context, Outcome, View
from bbs.models.validation.failures import missing, require
from bbs.wire.core_pb2 import DomainsResponse, UpsertDomainRequest

SECOND: Nanoseconds = 1_000_000_000


def require_domain(request: UpsertDomainRequest) -> None:
    """Refuse a request without domain."""
    require(missing(request, "domain"))


def upsert(request: UpsertDomainRequest, _view: View, context: Context) -> Outcome:
    """The domain is fresh for `ttl` seconds from now, whatever held before; 0 is for ever."""
    require_names(request.domain)
    require_key(request.domain)
    deadline = context.now + request.ttl * SECOND if request.ttl else NEVER
    return Outcome(b"", (put(Record(Kind.DOMAINS, request.domain, b"", deadline)),))


def fresh(deadline: Nanoseconds, now: Nanoseconds) -> bool:
    """Whether a deadline lies strictly after `now`, rounded to the nearest second."""
    return deadline == NEVER or deadline > (now + SECOND // 2) // SECOND * SECOND


def domains(_body: bytes, view: View, context: Context) -> bytes:
    """The names of all fresh domains; the request body is not read."""
    names = [entry.key for entry in view.entries(Kind.DOMAINS) if fresh(entry.deadline, context.now)]
    return DomainsResponse(domains=names).SerializeToString()
