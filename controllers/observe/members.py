"""What BBS members and cells say of themselves, parsed. A document that is not understood is no answer."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from controllers.decide.observation import Data, Evacuation, Member, Migration, Move, Prepared


class _Part(BaseModel):
    """Unknown fields are another release's; a null is a default."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    def __init__(self, **data: Any) -> None:
        super().__init__(**{key: value for key, value in data.items() if value is not None})


class _Reason(_Part):
    code: str = ""
    message: str = ""
    remedy: str = ""


class _Layouts(_Part):
    reads: list[int] = []
    serves: list[int] = []


class _Api(_Part):
    majors: list[int] = []


class _Pod(_Part):
    pod: str = ""
    uid: str = ""


class _Store(_Part):
    type: str = ""
    id: str = ""
    owner: str = ""
    migrated_from: str = ""


class _Data(_Part):
    current: int | None = None
    target: int | None = None
    wanted: int | None = None
    token: str = ""
    generation: int = 0


class _Failure(_Part):
    key: str = ""
    reason: str = ""
    message: str = ""


class _Migration(_Part):
    attempt: str = ""
    mode: str = "Offline"
    from_: int = Field(default=0, alias="from")
    to: int = 0
    phase: str = ""
    done: int = 0
    total: int = 0
    started_at: int = 0
    """Nanoseconds since the Unix epoch."""
    failure: _Failure | None = None


class _Move(_Part):
    to: str = ""
    state: str = ""
    wanted: bool = False
    token: str = ""
    generation: int = 0
    done: int = 0
    total: int = 0
    reason: _Reason = _Reason()
    failure: _Failure | None = None


class _Bad(_Part):
    key: str = ""
    reason: str = ""


class _Prepared(_Part):
    version: int = -1
    seq: int = 0
    ok: bool = False
    count: int = 0
    losses: dict[str, int] = {}
    first_bad: _Bad = _Bad()


class _Keys(_Part):
    active: str = ""
    stored: str = ""
    loaded: list[str] = []
    counts: dict[str, int] = {}
    max_records_per_second: int | None = None


class _Unreadable(_Part):
    count: int = 0


class _Status(_Part):
    version: str = ""
    build: str = ""
    api: _Api = _Api()
    layouts: _Layouts = _Layouts()
    member: _Pod = _Pod()
    role: str = ""
    state: str = ""
    reason: _Reason = _Reason()
    epoch: int = 0
    seq: int = 0
    store: _Store = _Store()
    data: _Data = _Data()
    migration: _Migration | None = None
    move: _Move | None = None
    prepared: _Prepared | None = None
    keys: _Keys = _Keys()
    evacuating: int = 0
    suspect: int = 0
    unreadable: _Unreadable = _Unreadable()
    old_roots: list[str] = []


class _Evacuation(_Part):
    state: str
    remaining: int = 0
    reason: str = ""


def member_of(pod: str, document: dict[str, Any]) -> Member:
    """`GET /status` of one member. Raises pydantic's ValidationError."""
    said = _Status(**document)
    return Member(
        pod=pod,
        uid=said.member.uid,
        version=said.version,
        build=said.build,
        role=said.role,
        state=said.state,
        reads=tuple(sorted(said.layouts.reads)),
        serves=tuple(sorted(said.layouts.serves)),
        majors=tuple(said.api.majors),
        epoch=said.epoch,
        seq=said.seq,
        reason=said.reason.code,
        reason_message=said.reason.message,
        reason_remedy=said.reason.remedy,
        store_type=said.store.type,
        migrated_from=said.store.migrated_from,
        move=_move(said.move),
        store_id=said.store.id,
        owner=said.store.owner,
        data=_data(said.data),
        migration=_migration(said.migration),
        prepared=_prepared(said.prepared),
        keys_loaded=tuple(said.keys.loaded),
        key_active=said.keys.active,
        key_stored=said.keys.stored,
        key_counts=said.keys.counts,
        key_pace=said.keys.max_records_per_second,
        evacuating=said.evacuating,
        suspect=said.suspect,
        unreadable=said.unreadable.count,
        old_roots=tuple(sorted(said.old_roots)),
    )


def evacuation_of(document: dict[str, Any]) -> Evacuation:
    """`GET /evacuation` of one cell. Raises pydantic's ValidationError."""
    said = _Evacuation(**document)
    return Evacuation(said.state, said.remaining, said.reason)


def _data(said: _Data) -> Data | None:
    if said.current is None:
        return None
    return Data(said.current, said.target, said.wanted, said.token, said.generation)


def _migration(said: _Migration | None) -> Migration | None:
    if said is None:
        return None
    failure = said.failure or _Failure()
    return Migration(
        attempt=said.attempt,
        source=said.from_,
        to=said.to,
        phase=said.phase,
        done=said.done,
        total=said.total,
        started_at=said.started_at / 1e9,
        mode=said.mode,
        failure_key=failure.key,
        failure_reason=failure.reason,
        failure_message=failure.message,
    )


def _move(said: _Move | None) -> Move | None:
    if said is None:
        return None
    failure, why = said.failure or _Failure(), said.reason
    return Move(
        to=said.to,
        state=said.state,
        wanted=said.wanted,
        token=said.token,
        generation=said.generation,
        done=said.done,
        total=said.total,
        reason=": ".join(part for part in (why.code, why.message) if part),
        failure=": ".join(part for part in (failure.key, failure.reason, failure.message) if part),
    )


def _prepared(said: _Prepared | None) -> Prepared | None:
    if said is None or said.version < 0:
        return None
    bad = said.first_bad
    return Prepared(said.version, said.ok, said.seq, said.count, bad.key, bad.reason, said.losses)
