"""SchemaCurrent: every BBS member is new, one serves, and the data is where it is wanted."""

from controllers.api import Reason
from controllers.decide.observation import Member
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Unknown, Verdict


def schema_current(seen: Seen) -> Verdict:
    """Cells of a newer release may come only behind this gate."""
    members = seen.world.members
    if not members:
        return Unknown(Reason.BBS_UNREACHABLE, "no BBS member answers")
    if not seen.bbs_current or len({m.build for m in members.values()}) > 1:
        behind = sorted(m.pod for m in members.values() if m.version != seen.wanted.version) or ["a member"]
        return Closed(Reason.BBS_MEMBERS_BEHIND, f"{', '.join(behind)} not current", f"all at {seen.wanted.version}")
    masters = [m for m in members.values() if m.role == "Master"]
    if len(masters) != 1 or masters[0].data is None:
        return Closed(Reason.NO_MASTER, f"{len(masters)} members say that they are master", "one master")
    return _data_at_target(seen, masters[0])


def _data_at_target(seen: Seen, master: Member) -> Verdict:
    data = master.data
    assert data is not None
    if master.stopped and master.migration is not None:
        return Closed(Reason.MIGRATION_FAILED, master.migration.failure, f"data version {seen.target}")
    if master.move is not None and master.move.wanted and master.state == "Migrating":
        return Closed(Reason.MOVING, f"the records move to {master.move.to}", "a master that serves")
    if data.target is not None or master.state == "Migrating":
        return Closed(Reason.MIGRATING, f"migrating {data.current} to {data.target}", f"data version {seen.target}")
    if data.token.endswith("-rolled-back"):
        return Closed(Reason.MIGRATION_FAILED, f"data version {data.current}", str(seen.target))
    if data.current != seen.target or data.wanted not in (None, seen.target):
        return Closed(Reason.TARGET_NOT_RAISED, f"data version {data.current}", f"data version {seen.target}")
    if not master.serving:
        return Closed(Reason.NO_MASTER, f"{master.pod} is {master.state}", "a master that serves")
    return Open()
