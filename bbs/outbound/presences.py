"""The cells, as Locket knows them now. Nothing is remembered: whoever decides by presence asks anew.

A row counts as its key, whatever its value says: a cell whose document can't be read is still there, and nothing
destructive may follow from a document. Source: docs/reference/calls-out.md.
"""

from __future__ import annotations

from bbs.client.locket import LocketClient, LocketError, LocketTLS
from bbs.configuration import BBSConfiguration
from bbs.models.cells import cells_response, presence
from bbs.models.errors import Error, ErrorType


class Presences:
    """Asks one Locket; `None` where none is configured: then there are no cells."""

    def __init__(self, locket: LocketClient | None) -> None:
        self._locket = locket

    @classmethod
    def configured_by(cls, configuration: BBSConfiguration) -> Presences:
        """The presences at `locket_address`."""
        if configuration.locket_address is None:
            return cls(None)
        files = configuration.locket_tls
        tls = LocketTLS(files.ca_file, files.cert_file, files.key_file)
        return cls(LocketClient(configuration.locket_address, tls, timeout=configuration.communication_timeout))

    @property
    def configured(self) -> bool:
        """Whether there is anybody to ask."""
        return self._locket is not None

    async def cells(self) -> frozenset[str]:
        """The ids of all cells that are present. Raises LocketError; an empty set means that nobody is."""
        if self._locket is None:
            return frozenset()
        return frozenset([cell_id for cell_id, _ in await self._locket.presences()])

    async def rep_url(self, cell_id: str) -> str | None:
        """Where that cell takes calls, "" if its presence does not say; None when it is not present.

        Raises LocketError; without Locket nobody can tell, which is not "absent".
        """
        if self._locket is None:
            raise LocketError("no locket_address: which cells are present is not known")
        row = await self._locket.fetch(cell_id)
        if row is None:
            return None
        document = presence(row.value)
        return "" if document is None else document.rep_url

    async def cells_answer(self) -> bytes:
        """The response message of `/v1/cells/list.r1`; a Locket that can't tell is an error inside it."""
        if self._locket is None:
            return cells_response(())
        try:
            return cells_response([value for _, value in await self._locket.presences()])
        except LocketError as error:
            return Error(ErrorType.UNKNOWN_ERROR, error.status or str(error)).response()

    async def close(self) -> None:
        """Close the connection to Locket."""
        if self._locket is not None:
            await self._locket.close()
