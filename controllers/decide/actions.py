"""What a pass may do: data, each of it safe to be cut off from the next by the death of the process.

`Disruptive` ones carry the uid and resourceVersion that were seen, and the reason that goes into an Event.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApplyObject:
    """Write an object without pods."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class IssueAuthority:
    """Make a certificate authority and keep it in a Secret."""

    secret: str


@dataclass(frozen=True, slots=True)
class IssueCertificate:
    """Make a leaf, signed by `authority`."""

    secret: str
    authority: str


@dataclass(frozen=True, slots=True)
class GenerateKey:
    """Put a new key into the keyring, which is made if there is none. Bytes under a label never change."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class CopyKeys:
    """Put the spec's keys with these labels into the keyring, which is made if there is none."""

    labels: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class RetireKeys:
    """Take keys out of the keyring that no record uses."""

    labels: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class CreateIdentity:
    """Make the store id, before anything starts that could write one."""


@dataclass(frozen=True, slots=True)
class RecordAdopted:
    """A master serves the store: from now on an empty store is a loss, and another one a change to be declared."""

    store: str


@dataclass(frozen=True, slots=True)
class RecordMoved:
    """The records have left one store for another, by the master's word."""

    source: str
    store: str


@dataclass(frozen=True, slots=True)
class RecordServed:
    """Note what a release was seen to read and serve, and, with `by_master`, that it served last."""

    version: str
    reads: tuple[int, ...]
    serves: tuple[int, ...]
    by_master: bool


@dataclass(frozen=True, slots=True)
class WriteWorkload:
    """Create a StatefulSet or write its template, rendered for `version`."""

    name: str
    version: str
    reason: str


@dataclass(frozen=True, slots=True)
class ScaleWorkload:
    """Set the replica number only."""

    name: str
    replicas: int
    reason: str


@dataclass(frozen=True, slots=True)
class RemoveWorkload:
    """Delete a StatefulSet that the spec no longer names."""

    name: str
    uid: str
    reason: str


@dataclass(frozen=True, slots=True)
class RemoveObject:
    """Delete an object without pods that belonged to a store which the records have left."""

    kind: str
    name: str
    uid: str
    reason: str


@dataclass(frozen=True, slots=True)
class EvictPod:
    """Replace a healthy pod through the Eviction API."""

    name: str
    uid: str
    resource_version: str
    reason: str
    cell: bool = False


@dataclass(frozen=True, slots=True)
class DeletePod:
    """Delete a pod that is out anyway."""

    name: str
    uid: str
    resource_version: str
    reason: str


@dataclass(frozen=True, slots=True)
class WriteEtcdEntry:
    """Write down who may begin as a member of the managed etcd with an empty volume."""

    entry: str


@dataclass(frozen=True, slots=True)
class AddEtcdMember:
    """Tell the managed etcd of a new member, a learner."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class PromoteEtcdMember:
    """Have a learner vote. Refused by etcd until it has caught up."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class RemoveEtcdMember:
    """Strike a member off the managed etcd's list. Refused by etcd where that would cost the quorum."""

    id: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Prepare:
    """Ask one BBS member for a dry run."""

    pod: str
    uid: str
    role: str
    epoch: int
    version: int


@dataclass(frozen=True, slots=True)
class SetTarget:
    """Raise, lower, withdraw or retry the wanted data version: one fenced call to the master."""

    pod: str
    version: int
    token: str
    if_generation: int
    max_records_per_second: int | None
    reason: str
    online: bool = False
    """The API goes on serving while the records are copied."""


@dataclass(frozen=True, slots=True)
class SetMove:
    """Begin, retry or withdraw the move of the records to another store: one fenced call to the master."""

    pod: str
    wanted: bool
    token: str
    if_generation: int
    reason: str


@dataclass(frozen=True, slots=True)
class DropRoots:
    """Delete copies of the records that a finished roll has left behind."""

    pod: str
    roots: tuple[str, ...]
    if_generation: int
    reason: str


@dataclass(frozen=True, slots=True)
class ActivateKey:
    """Have new records sealed with a key, and old ones sealed anew: one fenced call to the master.

    `if_generation` makes it stale after a target was set, `if_active` after another key was activated.
    """

    pod: str
    label: str
    if_generation: int
    if_active: str
    max_records_per_second: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class StepDown:
    """Ask the master to hand over before its member is removed."""

    pod: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Evacuate:
    """Ask a cell to hand its apps over."""

    pod: str
    reason: str


@dataclass(frozen=True, slots=True)
class CancelEvacuation:
    """Let a cell take work again."""

    pod: str
    reason: str


Action = (
    ApplyObject
    | IssueAuthority
    | IssueCertificate
    | GenerateKey
    | CopyKeys
    | RetireKeys
    | CreateIdentity
    | RecordAdopted
    | RecordMoved
    | RecordServed
    | WriteWorkload
    | ScaleWorkload
    | RemoveWorkload
    | RemoveObject
    | EvictPod
    | DeletePod
    | WriteEtcdEntry
    | AddEtcdMember
    | PromoteEtcdMember
    | RemoveEtcdMember
    | Prepare
    | SetTarget
    | SetMove
    | DropRoots
    | ActivateKey
    | StepDown
    | Evacuate
    | CancelEvacuation
)

Disruptive = EvictPod | DeletePod | RemoveWorkload | RemoveObject
