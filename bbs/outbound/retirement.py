"""The end of an instance whose cell is known to be gone: there is nobody to stop it, so its row is deleted."""

from __future__ import annotations

from dataclasses import dataclass

from bbs.models.actual_lrps import lifecycle
from bbs.models.effects import RetireLRPInstance
from bbs.models.errors import Refused
from bbs.models.state import Context, Outcome, View
from bbs.wire.actual_lrp_pb2 import ActualLRPInstanceKey, RemoveActualLRPRequest


@dataclass(frozen=True, slots=True)
class Vanished:
    """Deletes the row, unless another instance has it by now; a transition."""

    retired: RetireLRPInstance

    def __call__(self, view: View, context: Context) -> Outcome:
        key = ActualLRPInstanceKey(instance_guid=self.retired.instance_guid, cell_id=self.retired.cell_id)
        request = RemoveActualLRPRequest(
            process_guid=self.retired.process_guid, index=self.retired.index, actual_lrp_instance_key=key
        )
        try:
            return lifecycle.remove(request, view, context)
        except Refused:
            return Outcome(b"")
