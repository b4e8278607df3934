"""JSON over HTTP/1.1 with mutual TLS, small: what the components serve to each other and how they call each other."""

from components.http.client import HTTPFailure, JSONClient
from components.http.messages import Refusal, Request, Response, Route, json_response
from components.http.server import Listener, listen
from components.http.tls import ServerIdentity, TLSFiles, client_context

__all__ = [
    "HTTPFailure",
    "JSONClient",
    "Listener",
    "Refusal",
    "Request",
    "Response",
    "Route",
    "ServerIdentity",
    "TLSFiles",
    "client_context",
    "json_response",
    "listen",
]
