"""The Python client of the BBS: what components and the operator know it by."""

from bbs.client.bbs import BBSClient
from bbs.client.errors import BBSError, ClientError, ErrorType, NotAvailable, Refused, UnexpectedAnswer, Unreachable
from bbs.client.events import EventStream
from bbs.client.subscription import Event, Subscription
from bbs.client.tls import ClientTLS

__all__ = [
    "BBSClient",
    "BBSError",
    "ClientError",
    "ClientTLS",
    "ErrorType",
    "Event",
    "EventStream",
    "NotAvailable",
    "Refused",
    "Subscription",
    "UnexpectedAnswer",
    "Unreachable",
]
