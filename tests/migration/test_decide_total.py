"""Whatever is found: an outcome, a remedy with every refusal, and nothing begun that must not be."""

from __future__ import annotations

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from bbs.migration.decide import (
    Abandon,
    Abilities,
    AdoptEmpty,
    Begin,
    Continue,
    Decision,
    Hold,
    Identity,
    Serve,
    ShutDown,
    decide,
    decide_held,
)
from bbs.stores.anchor import FORMAT, Anchor, Failure, Live, MigrationState, Version, Wanted, version_record
from bbs.stores.contract import Survey

KNOWN = [0, 5, 7, 9, 4_000_000_001]
VERSIONS = st.sampled_from([*KNOWN, 6, 4_000_000_002])
OPTIONAL = st.none() | VERSIONS
GENERATIONS = st.integers(0, 3)
NAMES = st.sampled_from(["", "a", "b"])


@st.composite
def abilities(draw: st.DrawFn) -> Abilities:
    serves = draw(st.frozensets(st.sampled_from(KNOWN), min_size=1))
    return Abilities(
        reads=serves | draw(st.frozensets(st.sampled_from(KNOWN))),
        serves=serves,
        natural_roots=dict.fromkeys([version for version in KNOWN if version < 4_000_000_000], "v1"),
        managed=draw(st.booleans()),
        owner=draw(NAMES),
        adopt_always=draw(st.booleans()),
        initial_version=draw(OPTIONAL),
        keys=draw(st.frozensets(NAMES)),
    )


FAILURES = st.builds(Failure, VERSIONS, VERSIONS, NAMES, NAMES, NAMES, NAMES, GENERATIONS)
ANCHORS = st.builds(
    Anchor,
    store_id=NAMES,
    owner=NAMES,
    epoch=st.just(1),
    seq=st.just(1),
    batch_id=st.just("b"),
    live=st.builds(Live, VERSIONS, st.just("v1")),
    version=st.builds(Version, VERSIONS, OPTIONAL),
    digest=st.just(""),
    wanted=st.none() | st.builds(Wanted, VERSIONS, GENERATIONS),
    migration=st.none()
    | st.builds(MigrationState, st.just("1-1"), st.just("v9@1-1"), st.just("failed"), st.none() | FAILURES),
    active_key=NAMES,
    key_label=st.none() | NAMES,
    moved_to=st.none() | st.just("sql-1"),
    format=st.sampled_from([FORMAT, FORMAT, FORMAT, FORMAT + 1]),
)
RECORDS = st.none() | st.binary(max_size=12) | ANCHORS.map(version_record)
SURVEYS = st.builds(
    Survey,
    st.frozensets(st.sampled_from(["v1", "v9@1-1"])),
    RECORDS,
    st.none() | st.binary(max_size=4),
    st.sampled_from([(), ("desired_lrps",)]),
)
IDENTITIES = st.builds(Identity, st.none() | NAMES, st.booleans())


@given(st.none() | ANCHORS, SURVEYS, IDENTITIES, abilities())
def test_every_input_has_an_outcome(anchor: Anchor | None, survey: Survey, identity: Identity, can: Abilities) -> None:
    assert isinstance(decide(anchor, survey, identity, can), get_args(Decision))


@given(st.none() | ANCHORS, SURVEYS, IDENTITIES, abilities())
def test_every_refusal_says_what_was_seen_and_what_to_do(
    anchor: Anchor | None, survey: Survey, identity: Identity, can: Abilities
) -> None:
    decision = decide(anchor, survey, identity, can)
    if isinstance(decision, Hold | ShutDown):
        assert decision.code
        assert len(decision.message) > 10
        assert len(decision.remedy) > 10


@given(ANCHORS, abilities())
def test_nothing_is_begun_that_this_binary_could_not_serve_or_could_not_read(anchor: Anchor, can: Abilities) -> None:
    match decide_held(anchor, can):
        case Begin(source, target) | Continue(source, target):
            assert target in can.serves
            assert source in can.reads
            assert source == anchor.version.current != target
        case Serve(version):
            assert version in can.serves
            assert version == anchor.version.current


@given(ANCHORS, abilities())
def test_nothing_is_begun_while_its_failure_stands(anchor: Anchor, can: Abilities) -> None:
    failed = anchor.migration.failure if anchor.migration else None
    decision = decide_held(anchor, can)
    if isinstance(decision, Begin | Continue) and failed is not None:
        assert failed.generation != anchor.generation or failed.target != decision.target


@given(ANCHORS, abilities())
def test_nothing_is_begun_against_a_wanted_record(anchor: Anchor, can: Abilities) -> None:
    decision = decide_held(anchor, can)
    if isinstance(decision, Begin | Continue):
        if anchor.wanted is not None:
            assert decision.target == anchor.wanted.version
        else:
            assert not can.managed
            assert decision.target == can.newest > decision.source


@given(ANCHORS, abilities())
def test_deciding_again_after_an_abandon_never_abandons_again(anchor: Anchor, can: Abilities) -> None:
    if isinstance(decide_held(anchor, can), Abandon):
        after = anchor.change(version=Version(anchor.version.current))
        assert not isinstance(decide_held(after, can), Abandon)


@given(SURVEYS, IDENTITIES, abilities())
def test_only_an_empty_store_that_was_never_adopted_is_marked(
    survey: Survey, identity: Identity, can: Abilities
) -> None:
    decision = decide(None, survey, identity, can)
    if isinstance(decision, AdoptEmpty):
        assert not identity.adopted
        assert not survey.roots
        assert survey.version_record is None
        assert not survey.foreign
        assert decision.version in can.serves


@given(ANCHORS, SURVEYS, IDENTITIES, abilities())
def test_an_anchored_store_is_never_marked_anew(
    anchor: Anchor, survey: Survey, identity: Identity, can: Abilities
) -> None:
    assert not isinstance(decide(anchor, survey, identity, can), AdoptEmpty)
