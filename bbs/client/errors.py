"""What can go wrong when the BBS is called, as types a caller can branch on."""

from __future__ import annotations

from bbs.wire import core_pb2

ErrorType = core_pb2.Error.Type


class ClientError(Exception):
    """Base of all failures of the client."""


class BBSError(ClientError):
    """The BBS answered with an error of its own; `type` is a number of `models.Error.Type`."""

    def __init__(self, type_: int, message: str) -> None:
        super().__init__(message)
        self.type = type_
        self.message = message

    @property
    def name(self) -> str:
        """The type's name, or its number when this binary does not know it."""
        return ErrorType.Name(self.type) if self.type in ErrorType.values() else str(self.type)

    def __str__(self) -> str:
        return f"{self.name}: {self.message}"


class NotAvailable(ClientError):
    """Nobody could answer in time. `code` is that of the last 503 (docs/reference/http.md), or Unreachable."""

    def __init__(self, code: str, message: str, remedy: str = "", body: dict[str, object] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.body = body or {}

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" + (f"; {self.remedy}" if self.remedy else "")


class Unreachable(NotAvailable):
    """No connection, or it broke: whether a change was made is unknown."""

    def __init__(self, message: str) -> None:
        super().__init__("Unreachable", message, "check the address, the certificates and that a BBS runs there")


class Refused(ClientError):
    """An admin call was refused. `status`: 403 wrong certificate, 412 stale generation or epoch, 422 not possible."""

    def __init__(self, status: int, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" + (f"; {self.remedy}" if self.remedy else "")


class UnexpectedAnswer(ClientError):
    """An answer that no BBS gives: wrong address, or something between the two."""
