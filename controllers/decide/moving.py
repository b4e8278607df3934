"""The move of the records from one store to another, as it is seen: plain readings, no verdicts.

It is declared by the spec, begun by a fenced call, committed in the store that the records leave, told by the master,
and then noted in N-identity. Until it is committed the old store rules; what the note says is never taken back.
"""

from controllers.api import StoreType
from controllers.decide.observation import Move
from controllers.decide.seen import Seen
from controllers.decide.wanted import WantedObject

ETCD = "etcd"


def engine(kind: str) -> str:
    """The engine of a kind of store, in the BBS's words."""
    return kind.partition(" ")[0].lower()


def declared(seen: Seen) -> bool:
    """The records are to move, or have and it is not noted yet."""
    return bool(seen.wanted.migrates_from)


def moved_from(seen: Seen) -> str:
    """The store that the records have left, as noted; empty: they have not, or it is not noted yet."""
    return seen.world.identity.migrated_from if seen.world.identity else ""


def unnoted(seen: Seen) -> tuple[str, str] | None:
    """From which store to which they have moved, by the master's word, before the note says so."""
    identity, master = seen.world.identity, seen.master
    if identity is None or not identity.adopted or identity.migrated_from or master is None or not master.migrated_from:
        return None
    if engine(identity.store) == master.store_type and not declared(seen):
        return None  # they had moved before this Diego came to be: nothing of it is left to do
    kind = next((str(one) for one in StoreType if str(one).lower() == master.store_type), master.store_type)
    known = (identity.store, seen.wanted.migrates_from)
    return next((one for one in known if engine(one) == master.migrated_from), master.migrated_from), kind


def store_served(seen: Seen) -> str:
    """In which of the stores of the spec the master found the records."""
    said = seen.master.store_type if seen.master is not None else ""
    known = (seen.wanted.store, seen.wanted.migrates_from)
    return next((kind for kind in known if kind and engine(kind) == said), said or seen.wanted.store)


def wish(seen: Seen) -> Move | None:
    """A move that has been asked for and has not come to its end: the master's word, else any member's."""
    told = [seen.master] if seen.master is not None and seen.master.move is not None else seen.world.members.values()
    moves = [one.move for one in told if one is not None and one.move is not None and one.move.wanted]
    return next((move for move in moves if move.state != "Moved"), None)


def lockets_elsewhere(seen: Seen) -> bool:
    """Locket's locks lie in the store that the records have left."""
    found = seen.world.workloads.get(next((one.name for one in seen.wanted.of("locket")), ""))
    identity = seen.world.identity
    return bool(moved_from(seen)) and found is not None and identity is not None and found.store != identity.store


def superseded_files(seen: Seen) -> tuple[WantedObject, ...]:
    """The ConfigMaps that hold configurations which no template of their tier names any more."""
    used = {f"config-{one.inputs_hash}.yaml" for one in seen.world.workloads.values()} | {"config.yaml"}
    return tuple(
        one
        for one in seen.wanted.objects
        if one.kind == "ConfigMap" and set(seen.world.config_files.get(one.name, ())) - used
    )
