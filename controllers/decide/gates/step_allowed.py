"""StepAllowed: this release can take over this data from these releases."""

from collections.abc import Iterable

from controllers.api import Reason
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Unknown, Verdict


def step_allowed(seen: Seen) -> Verdict:
    """Facts come from the first replaced member, or from what the release was seen to serve before."""
    return _built_as_asked(seen) or _target_served(seen) or _data_served(seen) or _skew(seen) or Open()


def _built_as_asked(seen: Seen) -> Verdict | None:
    """An override may name an image of another release: its member would never count as replaced."""
    for workload in seen.bbs:
        member = seen.member_of(workload)
        if member is None or not member.version or member.version == seen.wanted.version or not seen.current(workload):
            continue
        said = f"{workload.name} has the wanted image, which was built as {member.version}"
        return Closed(Reason.BUILT_AS_ANOTHER, said, f"an image built as {seen.wanted.version}")
    return None


def _target_served(seen: Seen) -> Verdict | None:
    serves = seen.served_by_wanted
    if serves is None:
        return _unknown_release(seen)
    if seen.target not in serves:
        wanted = f"one of {_listed(serves)}, which {seen.wanted.version} serves"
        return Closed(Reason.TARGET_NOT_SERVED, f"target data version {seen.target}", wanted)
    return None


def _unknown_release(seen: Seen) -> Verdict | None:
    """Upwards the first replaced member tells. Downwards nobody may find out by trying."""
    if seen.going_down and seen.adopted and seen.bbs and seen.goal is None:
        return Closed(
            Reason.TARGET_NOT_SERVED,
            f"{seen.wanted.version} never ran here",
            "to know which data versions it serves",
            "set targetDataVersion to one that the older version serves",
        )
    return None


def _data_served(seen: Seen) -> Verdict | None:
    """A replaced member serves the STORED version first; on the way down the newer binary lowers it before."""
    serves, master = seen.served_by_wanted, seen.master
    if serves is not None and seen.going_down and master is not None and seen.goal is None:
        said = f"{master.version} serves {_listed(master.serves)}"
        return Closed(Reason.DATA_TOO_NEW, said, f"one of {_listed(serves)}, which {seen.wanted.version} serves")
    if serves is None or seen.going_down:
        return None
    if master is None or master.data is None:
        return Unknown(Reason.NO_MASTER, "no master tells the stored data version") if seen.adopted else None
    if master.data.current not in serves:
        wanted = f"one of {_listed(serves)}, which {seen.wanted.version} serves"
        reason = Reason.DATA_TOO_NEW if master.data.current > max(serves, default=0) else Reason.DATA_TOO_OLD
        return Closed(reason, f"stored data version {master.data.current}", wanted)
    return None


def _skew(seen: Seen) -> Verdict | None:
    """0 <= M2 - M1 <= 1 between the API majors of neighbours."""
    here = [max(member.majors) for member in seen.at_wanted if member.majors]
    there = [max(m.majors) for m in seen.world.members.values() if m.majors and m.version != seen.wanted.version]
    if not here or not there:
        return None
    skew = max(there) - min(here) if seen.going_down else max(here) - min(there)
    if 0 <= skew <= 1:
        return None
    return Closed(Reason.SKIPPED_MAJOR, f"API majors {min(there)} and {max(here)}", "at most one major apart")


def _listed(versions: Iterable[int]) -> str:
    return ", ".join(str(version) for version in sorted(versions))
