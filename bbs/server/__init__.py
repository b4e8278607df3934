"""How the BBS speaks HTTP: mutual TLS, Diego's routes and our own, and never a word that the lease does not cover."""

from bbs.server.application import BBSApplication
from bbs.server.credentials import Credentials, TLSFiles
from bbs.server.listener import Times
from bbs.server.message import Request, Response
from bbs.server.metrics import RequestMetrics
from bbs.server.parsing import Limits
from bbs.server.server import BBSServer, Bind

__all__ = [
    "BBSApplication",
    "BBSServer",
    "Bind",
    "Credentials",
    "Limits",
    "Request",
    "RequestMetrics",
    "Response",
    "TLSFiles",
    "Times",
]
