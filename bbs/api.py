"""Versions of the API that is ours: which majors are served, and what a call of another one is answered.

Our routes carry their major: `/<family>/v<major>/...`. A server of major M serves clients of M and of M - 1. A row of
the route table is declared at the major in which it took its present form; a call of a served major gets the newest
row that is not newer than the caller. Diego's own routes (`/v1/...`) have revisions instead and are not looked at here.
Source: docs/reference/api-versions.md.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

from bbs.master.serving import AdminRefusal

FAMILIES = ("admin", "convergence", "stream")
_OURS = re.compile(rf"/({'|'.join(FAMILIES)})/v(\d{{1,6}})(/.*)?")


@dataclass(frozen=True, slots=True)
class Majors:
    """What a server serves. `newest`: its own major."""

    newest: int = 1

    @property
    def served(self) -> tuple[int, ...]:
        """Its own major and the one before it; there was none before 1."""
        return tuple(range(max(1, self.newest - 1), self.newest + 1))

    def route(self, path: str, rows: Container[str]) -> str:
        """The row that answers `path`: itself where it is none of ours or unknown. Raises AdminRefusal."""
        found = _OURS.fullmatch(path)
        if found is None:
            return path
        family, major, rest = found[1], int(found[2]), found[3] or ""
        if major not in self.served:
            raise self._refusal(major)
        candidates = (f"/{family}/v{since}{rest}" for since in range(major, 0, -1))
        return next((row for row in candidates if row in rows), path)

    def _refusal(self, major: int) -> AdminRefusal:
        served = " and ".join(map(str, self.served))
        message = f"the call is of API major {major}; this server serves {served}"
        if major < self.newest:
            return AdminRefusal(410, "ApiTooOld", message, "upgrade the client by way of each major in between")
        return AdminRefusal(404, "ApiTooNew", message, "roll the BBS first, or call an older major")


MAJORS = Majors()
"""Those of this release; `/status.api.majors` names them."""
