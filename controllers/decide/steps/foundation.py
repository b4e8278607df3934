"""What everything stands on: identity, keyring, certificates, plain objects, and the StatefulSets that do not exist.

Never gated by a roll: a missing child is made again at once, as the release that its tier runs, not as the next one.
"""

from controllers.decide import keys, moving
from controllers.decide.actions import (
    Action,
    ApplyObject,
    CreateIdentity,
    IssueAuthority,
    IssueCertificate,
    RecordAdopted,
    RecordMoved,
    RecordServed,
    WriteWorkload,
)
from controllers.decide.gates import Gate
from controllers.decide.observation import Served
from controllers.decide.releases import oldest
from controllers.decide.steps.etcd import write_entry
from controllers.decide.steps.keys import fill_keyring
from controllers.decide.turn import Turn
from controllers.decide.verdict import is_open
from controllers.decide.wanted import WantedCertificate, WantedWorkload

FRESH_ORDER = ("etcd", "locket", "bbs")


def lay_foundation(turn: Turn) -> tuple[Action, ...]:
    """In the order of need. With a refused spec nothing begins, and what was begun is kept alive."""
    refused = turn.shut(Gate.SPEC_ACCEPTED, Gate.STORE_CHANGE_DECLARED) is not None
    if refused and not turn.seen.adopted:
        return ()
    actions = [*_identity(turn), *_certificates(turn), *_notes(turn), *write_entry(turn)]
    if not refused:
        actions += _objects(turn)
    return (*actions, *(() if actions and not turn.seen.adopted else _workloads(turn)))


def founded(turn: Turn) -> bool:
    """Whether a pod can start: its Secrets and the identity exist."""
    world = turn.seen.world
    certificates = all(one.secret in world.certificates for one in turn.seen.wanted.certificates)
    initial = turn.seen.adopted or keys.wanted_active(turn.seen) in keys.held(turn.seen)
    return certificates and bool(keys.held(turn.seen)) and initial and world.identity is not None


def _identity(turn: Turn) -> list[Action]:
    if turn.seen.world.identity is None:
        return [CreateIdentity()]
    return list(fill_keyring(turn))


def _certificates(turn: Turn) -> list[Action]:
    wanted = turn.seen.wanted.certificates
    due = [one for one in wanted if _due(turn, one)]
    authorities: list[Action] = [IssueAuthority(one.secret) for one in due if one.authority is None]
    leaves: list[Action] = [IssueCertificate(one.secret, one.authority) for one in due if one.authority is not None]
    return authorities or leaves


def _due(turn: Turn, wanted: WantedCertificate) -> bool:
    found = turn.seen.world.certificates.get(wanted.secret)
    if found is None:
        return True
    if wanted.authority is None:
        return False
    return found.digest != wanted.digest or found.not_after - turn.seen.now < turn.seen.wanted.renew_before


def _notes(turn: Turn) -> list[Action]:
    """What must outlive the resource: that a master has served, and what each release was seen to serve."""
    identity, master = turn.seen.world.identity, turn.seen.master
    if identity is None:
        return []
    ours = master is not None and master.serving and master.owner in ("", turn.seen.wanted.owner)
    new = not identity.adopted or not identity.store
    noted = ours and new and is_open(turn.verdicts[Gate.STORE_CHANGE_DECLARED])
    actions: list[Action] = [RecordAdopted(moving.store_served(turn.seen))] if noted else []
    if ours and (moved := moving.unnoted(turn.seen)):
        actions.append(RecordMoved(*moved))
    for member in turn.seen.world.members.values():
        known = identity.served.get(member.version)
        led = member is master and ours and identity.last_served != member.version
        if member.serves and (known != Served(member.reads, member.serves) or led):
            actions.append(RecordServed(member.version, member.reads, member.serves, by_master=led))
            break
    return actions


def _objects(turn: Turn) -> list[Action]:
    seen = turn.seen
    return [
        ApplyObject(one.kind, one.name)
        for one in seen.wanted.objects
        if (seen.adopted or not one.after_adoption)
        and (one.key not in seen.world.objects or (one.digest and seen.world.objects[one.key] != one.digest))
    ]


def _workloads(turn: Turn) -> list[Action]:
    if not founded(turn) or turn.refused(Gate.SPEC_ACCEPTED, Gate.STORE_CHANGE_DECLARED):
        return []
    actions: list[Action] = []
    ours = bool(turn.seen.wanted.of("etcd"))  # of a store that is not, only a BBS says what is wrong with it
    for component in (*FRESH_ORDER, "auctioneer", "cell"):
        for wanted in turn.seen.wanted.of(component):
            version = _version_for(turn, wanted) if wanted.name not in turn.seen.world.workloads else None
            if version is not None:
                actions.append(WriteWorkload(wanted.name, version, f"{wanted.name} does not exist"))
        if not turn.seen.adopted and component in FRESH_ORDER and ours and not _whole(turn, component):
            break
    return actions


def _whole(turn: Turn, component: str) -> bool:
    found = [turn.seen.world.workloads.get(wanted.name) for wanted in turn.seen.wanted.of(component)]
    return all(workload is not None and workload.whole for workload in found)


def _version_for(turn: Turn, wanted: WantedWorkload) -> str | None:
    """Which release a missing StatefulSet is made of; None: not now. etcd is of no release."""
    master = turn.seen.master
    running = master.version if master else next((w.version for w in turn.seen.bbs), wanted.version)
    match wanted.component:
        case "etcd":
            return wanted.version
        case "locket":
            return running if turn.seen.going_down else wanted.version
        case "bbs":
            return running
        case "auctioneer":
            return _behind_schema(turn, wanted, running)
        case _:
            templates = [w.version for w in turn.seen.existing("cell")]
            return _behind_schema(turn, wanted, oldest([*templates, running]))


def _behind_schema(turn: Turn, wanted: WantedWorkload, running: str) -> str | None:
    if not turn.seen.adopted:
        return None
    if turn.seen.going_down or is_open(turn.verdicts[Gate.SCHEMA_CURRENT]):
        return wanted.version
    return running if running != wanted.version else None
