"""How a rule about one request becomes what a route calls.

A rule is a pure function of (request, view, context); it refuses by raising `Refused`. Here the body is parsed and
validated before, and a refusal becomes the route's error response after. A string that is not UTF-8 is legal on the
wire but useless as part of a key: wherever a rule trips over one, the request is invalid.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from google.protobuf.message import DecodeError, Message

from bbs.models.errors import INVALID_REQUEST, Error, Refused
from bbs.models.extent import require_elements, require_size
from bbs.models.frames import Body
from bbs.models.state import Context, Outcome, Transition, View
from bbs.models.wire_types import with_right_wire_types

Request = TypeVar("Request", bound=Message)

Rule = Callable[[Request, View, Context], Outcome]
Validate = Callable[[Request], None]
Answer = Callable[[Request, View, Context], Body]
Respond = Callable[[Error], bytes]
Query = Callable[[bytes, View, Context], Body]


def unchecked(_request: Message) -> None:
    """The validation of requests that have no rules."""


@dataclass(frozen=True, slots=True)
class TransitionRule(Generic[Request]):
    """A rule with its request; calling it with a body gives the transition."""

    message: type[Request]
    validate: Validate[Request]
    rule: Rule[Request]
    invalid: Respond = Error.response
    """The response to a body that cannot be read or is not valid."""
    refused: Respond = Error.response

    def __call__(self, body: bytes) -> Transition:
        try:
            request = read(self.message, body, self.validate)
        except Refused as refusal:
            answer = Outcome(self.invalid(refusal.error))
            return lambda _view, _context: answer
        return self._bound(request)

    def _bound(self, request: Request) -> Transition:
        def transition(view: View, context: Context) -> Outcome:
            try:
                return self.rule(request, view, context)
            except Refused as refusal:
                return Outcome(self.refused(refusal.error))
            except UnicodeError:
                # A stored or given string that is not UTF-8 reached a place that needs text.
                return Outcome(self.refused(INVALID_REQUEST))

        return transition


def traced(transition: Transition, trace_id: str) -> Transition:
    """The same transition, whose events and calls out carry its caller's trace id."""

    def run(view: View, context: Context) -> Outcome:
        return replace(transition(view, context), trace_id=trace_id)

    return run if trace_id else transition


@dataclass(frozen=True, slots=True)
class QueryRule(Generic[Request]):
    """A query with its request; calling it with a body and the view gives the response."""

    message: type[Request]
    validate: Validate[Request]
    answer: Answer[Request]

    def __call__(self, body: bytes, view: View, context: Context) -> Body:
        try:
            return self.answer(read(self.message, body, self.validate), view, context)
        except Refused as refusal:
            return refusal.error.response()


def read(message: type[Request], body: bytes, validate: Validate[Request]) -> Request:
    """The valid request in `body`; raises Refused."""
    require_size(body)
    try:
        request = message.FromString(body)
        require_elements(request, body)
        request = with_right_wire_types(request, body)
        validate(request)
    except (DecodeError, UnicodeError) as error:
        raise Refused(INVALID_REQUEST) from error
    return request
