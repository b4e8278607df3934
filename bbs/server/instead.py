"""What a member that does not serve says instead: where the master is, or why nobody answers.

Neither ever carries a protobuf content type: a client that decodes by content type would take it for success.
"""

from __future__ import annotations

from typing import Any

from bbs.master.serving import AdminRefusal, Redirect, Unavailable
from bbs.server.message import Request, Response, document


def instead(answer: Redirect | Unavailable, request: Request) -> Response:
    """307 to the same path below the master's url, or 503 with the reason."""
    if isinstance(answer, Redirect):
        query = f"?{request.query}" if request.query else ""
        location = f"{answer.url.rstrip('/')}{request.path}{query}"
        words = {"code": "NotMaster", "message": "another member is master", "remedy": "repeat the call there"}
        return document(307, words, (("Location", location),))
    content: dict[str, Any] = {
        "code": answer.code,
        "message": answer.message,
        "remedy": answer.remedy,
        "from": answer.source,
        "to": answer.target,
        "done": answer.done,
        "total": answer.total,
        "eta_s": answer.eta_s,
    }
    return document(503, content, (("Retry-After", str(max(1, answer.retry_after_s))),))


def refusal(refused: AdminRefusal) -> Response:
    """An admin call that is not carried out."""
    content = {"code": refused.code, "message": refused.message, "remedy": refused.remedy}
    return document(refused.status, content)
