"""The conditions of a Diego, worked out anew on every pass from the verdicts: none is remembered."""

from controllers.api import ConditionType, Reason
from controllers.decide.encryption import encryption_findings
from controllers.decide.finding import Finding
from controllers.decide.gates import Gate
from controllers.decide.trouble import Trouble, troubles
from controllers.decide.turn import Step, Turn
from controllers.decide.verdict import Closed, Open, Verdict

OPEN_REASONS = {
    Gate.SPEC_ACCEPTED: Reason.ACCEPTED,
    Gate.STORE_REACHABLE: Reason.OPEN,
    Gate.KEYRING_DISTRIBUTED: Reason.KEYRING_DISTRIBUTED,
    Gate.SCHEMA_CURRENT: Reason.SCHEMA_CURRENT,
    Gate.STORE_MOVED: Reason.MOVED,
}


def findings(turn: Turn, step: Step) -> tuple[Finding, ...]:
    """Every type, on every visit."""
    trouble = troubles(turn.seen)
    return (
        _ready(turn, step, trouble),
        _available(turn),
        _of_gate(turn, ConditionType.SPEC_ACCEPTED, Gate.SPEC_ACCEPTED),
        _of_gate(turn, ConditionType.STORE_REACHABLE, Gate.STORE_REACHABLE),
        _certificates(turn),
        _paused(turn),
        *_kstatus(turn, step, trouble),
        _of_gate(turn, ConditionType.SCHEMA_CURRENT, Gate.SCHEMA_CURRENT),
        _of_gate(turn, ConditionType.STORE_MOVED, Gate.STORE_MOVED),
        _of_gate(turn, ConditionType.KEYRING_DISTRIBUTED, Gate.KEYRING_DISTRIBUTED),
        *encryption_findings(turn.seen, turn.verdicts[Gate.KEYRING_DISTRIBUTED]),
        _cells(turn),
        _rollback(turn),
        _blocked(turn, step, trouble),
        Finding(ConditionType.STABILITY_MET, "Unknown", Reason.NOT_OBSERVED, "no canary runs", "measurements"),
        _templates(turn),
    )


def blocker(turn: Turn, step: Step, trouble: tuple[Trouble, ...]) -> tuple[str, Closed] | None:
    """The first gate that needs a person while the roll needs it; then pods that never come."""
    if not step.done:
        for gate, verdict in turn.verdicts.items():
            if isinstance(verdict, Closed) and verdict.person and _concerns(turn, gate, step):
                return str(gate), verdict
    for one in trouble:
        return "Pods", Closed(one.reason, one.words, "a pod that becomes Ready")
    return None


def _concerns(turn: Turn, gate: Gate, step: Step) -> bool:
    """Gates of later steps speak only when the roll has come to them."""
    if gate is Gate.PAUSED:
        return False
    if gate is Gate.NEXT_CELL_ALLOWED:
        return step.name == "cells"
    if gate is Gate.SCHEMA_CURRENT:
        return (step.name in ("target", "auctioneer", "cells") and not turn.seen.going_down) or step.name == "target"
    return True


def _of_gate(turn: Turn, kind: ConditionType, gate: Gate) -> Finding:
    verdict = turn.verdicts[gate]
    match verdict:
        case Open(note):
            return Finding(kind, "True", OPEN_REASONS[gate], note or f"{gate} holds", "no change")
        case Closed(reason, seen, wanted, remedy):
            return Finding(kind, "False", reason, seen, wanted, remedy)
        case _:
            return Finding(kind, "Unknown", verdict.reason, verdict.seen, "an answer")


def _ready(turn: Turn, step: Step, trouble: tuple[Trouble, ...]) -> Finding:
    kind = ConditionType.READY
    if turn.seen.wanted.deleting:
        return Finding(kind, "False", Reason.DELETING, "the resource is being deleted", "nothing")
    if block := blocker(turn, step, trouble):
        gate, closed = block
        return Finding(kind, "False", closed.reason, f"{gate}: {closed.seen}", closed.wanted, closed.remedy)
    if not step.done:
        reason = step.reason if turn.seen.adopted else Reason.CREATING
        return Finding(kind, "False", reason, _progress(turn, step), _goal(turn))
    master = turn.seen.master
    if master is None or not master.serving:
        return Finding(kind, "False", Reason.NO_MASTER, "no BBS member serves", "a master that serves")
    return Finding(kind, "True", Reason.ALL_CURRENT, f"everything runs {turn.seen.wanted.version}", "no change")


def _progress(turn: Turn, step: Step) -> str:
    cells = turn.seen.existing("cell")
    updated = sum(1 for w in cells for p in w.live if turn.seen.template_current(w) and p.revision == w.update_revision)
    size = sum(w.replicas for w in cells)
    doing = step.waiting or "; ".join(getattr(action, "reason", "") for action in step.actions)
    return f"step {step.name}: {doing}" if step.name != "cells" else f"{updated} of {size} cells updated; {doing}"


def _goal(turn: Turn) -> str:
    target = turn.seen.target
    return f"{turn.seen.wanted.version} at data version {'its newest' if target is None else target}"


def _available(turn: Turn) -> Finding:
    kind, master = ConditionType.AVAILABLE, turn.seen.master
    if master is None:
        if turn.seen.world.members:
            return Finding(kind, "False", Reason.NO_MASTER, "no BBS member is master", "one that serves")
        return Finding(kind, "Unknown", Reason.BBS_UNREACHABLE, "no BBS member answers", "one that serves")
    if master.serving:
        return Finding(kind, "True", Reason.SERVING, f"{master.pod} serves", "no change")
    reason = Reason.MIGRATING if master.state == "Migrating" else Reason.NO_MASTER
    remedy = master.reason_remedy
    return Finding(kind, "False", reason, f"{master.pod} is {master.state} {master.reason}".strip(), "Serving", remedy)


def _certificates(turn: Turn) -> Finding:
    wanted = turn.seen.wanted.certificates
    missing = [one.secret for one in wanted if one.secret not in turn.seen.world.certificates]
    ending = [n for n, c in turn.seen.world.certificates.items() if c.not_after <= turn.seen.now]
    kind = ConditionType.CERTIFICATES_CURRENT
    if missing or ending:
        said = f"{', '.join(sorted(missing + ending))} missing or ended"
        return Finding(kind, "False", Reason.CERTIFICATES_RENEWING, said, "valid certificates")
    return Finding(kind, "True", Reason.CERTIFICATES_CURRENT, f"{len(wanted)} certificates are valid", "no change")


def _paused(turn: Turn) -> Finding:
    verdict = turn.verdicts[Gate.PAUSED]
    if isinstance(verdict, Closed):
        return Finding(ConditionType.PAUSED, "True", Reason.PAUSED, verdict.seen, verdict.wanted)
    return Finding(ConditionType.PAUSED, "False", Reason.NOT_PAUSED, "spec.paused is false", "no change")


def _kstatus(turn: Turn, step: Step, trouble: tuple[Trouble, ...]) -> tuple[Finding, Finding]:
    """The pair that kstatus, Flux and Helm read: both are abnormal when True."""
    block = blocker(turn, step, trouble)
    goes_on = not step.done and block is None
    going = Finding(
        ConditionType.RECONCILING,
        "True" if goes_on else "False",
        step.reason if goes_on else Reason.IDLE,
        step.waiting or f"step {step.name}",
        _goal(turn),
    )
    if block:
        gate, closed = block
        words = f"{gate}: {closed.seen}"
        return going, Finding(ConditionType.STALLED, "True", closed.reason, words, closed.wanted, closed.remedy)
    return going, Finding(ConditionType.STALLED, "False", Reason.NOT_BLOCKED, "nothing waits for a person", "no change")


def _cells(turn: Turn) -> Finding:
    kind = ConditionType.CELLS_CURRENT
    if not turn.seen.wanted.of("cell") and not turn.seen.existing("cell"):
        return Finding(kind, "True", Reason.NO_CELLS, "no pools", "no change")
    if turn.seen.cells_current:
        return Finding(kind, "True", Reason.CELLS_CURRENT, f"all cells run {turn.seen.wanted.version}", "no change")
    return Finding(kind, "False", Reason.CELLS_BEHIND, "some cells are not current", _goal(turn))


def _rollback(turn: Turn) -> Finding:
    """Possible as long as an earlier release was seen here and the running one serves a version it serves."""
    kind, identity, master = ConditionType.ROLLBACK_POSSIBLE, turn.seen.world.identity, turn.seen.master
    served = identity.served if identity else {}
    earlier = {v: known for v, known in served.items() if v != turn.seen.wanted.version}
    if not earlier:
        return Finding(kind, "False", Reason.NO_EARLIER_RELEASE, "no earlier release ran here", "one")
    if master is None:
        return Finding(kind, "Unknown", Reason.NO_MASTER, "no master tells what it serves", "an answer")
    both = {v: max(set(known.serves) & set(master.serves), default=None) for v, known in earlier.items()}
    back = [f"{v} at data version {data}" for v, data in sorted(both.items()) if data is not None]
    if back:
        words = f"back to {', '.join(back)}; a dry run then lists what that can't hold, before anything is replaced"
        return Finding(kind, "True", Reason.ROLLBACK_OPEN, words, "no change")
    return Finding(kind, "False", Reason.DATA_TOO_NEW, "no data version in common", "one that both serve")


def _blocked(turn: Turn, step: Step, trouble: tuple[Trouble, ...]) -> Finding:
    kind = ConditionType.UPGRADE_BLOCKED
    if block := blocker(turn, step, trouble):
        gate, closed = block
        return Finding(kind, "True", closed.reason, f"gate {gate}: {closed.seen}", closed.wanted, closed.remedy)
    return Finding(kind, "False", Reason.NOT_BLOCKED, "no gate waits for a person", "no change")


def _templates(turn: Turn) -> Finding:
    kind, seen = ConditionType.OPERAND_TEMPLATE_OUTDATED, turn.seen
    outdated = sorted(
        w.name
        for w in seen.world.workloads.values()
        if (wanted := seen.wanted.workloads.get(w.name)) is not None
        and w.inputs_hash == wanted.inputs_hash
        and w.rendered_hash != wanted.rendered_hash
    )
    if outdated:
        mark = seen.wanted.refresh_mark
        remedy = f"annotate the Diego with diego-operator.io/refresh-templates={mark}, or wait for the next version"
        words = f"{', '.join(outdated)} would be rendered differently"
        return Finding(kind, "True", Reason.AWAITING_CONSENT, words, "consent", remedy)
    return Finding(kind, "False", Reason.TEMPLATES_CURRENT, "every template is as this operator writes it", "no change")


def verdict_words(verdict: Verdict) -> str:
    """A verdict in one line, for the plan log."""
    match verdict:
        case Open(note):
            return f"open {note}".strip()
        case Closed(reason, seen, _, _):
            return f"closed {reason}: {seen}"
        case _:
            return f"unknown {verdict.reason}: {verdict.seen}"
