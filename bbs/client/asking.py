"""The one call that all named calls are built on."""

from __future__ import annotations

from typing import Protocol, TypeVar

from google.protobuf.message import Message

Response = TypeVar("Response", bound=Message)


class Asking(Protocol):
    """Sends a request message and fills the response message given."""

    async def ask(
        self, path: str, request: Message | None, response: Response, within: float | None = None
    ) -> Response:
        """Returns `response`, filled. Raises BBSError when it carries an error, NotAvailable when nobody answers."""
        ...
