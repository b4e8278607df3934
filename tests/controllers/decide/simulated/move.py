"""The simulated move of the records from one store to another, with its one commit point."""

from dataclasses import dataclass, field

from controllers.decide.observation import Move
from tests.controllers.decide.simulated.cluster import SimPod
from tests.controllers.decide.simulated.spec import stores_of

SLICES = 3


@dataclass
class SimMove:
    place: str = ""
    """Where the records lie; empty: nobody has served yet."""
    left: str = ""
    """The engine that they have left."""
    wanted: bool = False
    token: str = ""
    generation: int = 0
    done: int = 0
    failed: bool = False
    bad: bool = False
    """A record that the new store can't hold."""
    unreachable: frozenset[str] = frozenset()
    """Members that do not reach the new store."""
    laggards: frozenset[str] = frozenset()
    """Members that have not gone along yet."""
    asked: list[bool] = field(default_factory=list)

    def adopt(self, pod: SimPod) -> None:
        """The first master of all; of two stores the former one rules."""
        store, source = known(pod)
        self.place = source or store

    def found_by(self, pod: SimPod) -> bool:
        """Whether this member knows the store in which the records lie."""
        return not self.place or self.place in known(pod)

    def loses(self, pod: SimPod) -> bool:
        """Whether this member would take another store for its own: the former one refuses by its `moved_to`."""
        return not self.left and not self.found_by(pod)

    @property
    def running(self) -> bool:
        return self.wanted and not self.failed and not self.left and self.done > 0

    def work(self, master: SimPod) -> None:
        """A slice, by a master that knows both stores and reaches them."""
        store, source = known(master)
        if not source or self.left or not self.wanted or self.failed or master.name in self.unreachable:
            return
        self.done += 1
        if self.bad and self.done >= SLICES - 1:
            self.failed, self.done = True, 0
        elif self.done > SLICES:
            self.left, self.place = source.partition(" ")[0].lower(), store

    def ask(self, pod: SimPod, wanted: bool, token: str, if_generation: int) -> str:
        """The fenced call; what it answers."""
        if (wanted, token) == (self.wanted, self.token):
            return "same"
        if if_generation != self.generation:
            return "stale"
        if not known(pod)[1] or self.left:
            return "not possible"
        self.wanted, self.token, self.generation = wanted, token, self.generation + 1
        self.done, self.failed = 0, False
        self.asked.append(wanted)
        return "accepted"

    def told(self, pod: SimPod) -> str:
        """The engine that a member says it serves from."""
        if self.left and pod.name in self.laggards:
            return self.left
        return (self.place if self.found_by(pod) else known(pod)[0]).partition(" ")[0].lower()

    def status(self, pod: SimPod) -> Move | None:
        store, source = known(pod)
        if not source:
            return None
        failure = "tasks/bad: UndecodableRecord" if self.failed else ""
        reason = "StoreUnavailable: connection refused" if pod.name in self.unreachable else ""
        return Move(
            store.lower(),
            self._state(pod),
            self.wanted,
            self.token,
            self.generation,
            self.done,
            SLICES,
            reason,
            failure,
        )

    def _state(self, pod: SimPod) -> str:
        if self.left:
            return "Moved"
        if pod.name in self.unreachable:
            return "Unavailable"
        if self.failed:
            return "Failed"
        return "Running" if self.running else "Waiting"


def known(pod: SimPod) -> tuple[str, str]:
    """The stores of a member: its own, and the one that records come from."""
    return stores_of(pod.revision)
