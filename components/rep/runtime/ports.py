"""The ports that apps get on this host."""

from __future__ import annotations

import socket


class PortsExhausted(Exception):
    """No port is left; the text names the range."""


class PortPool:
    """Hands out ports of a range, longest unused first: a router that is late must not reach the port's next owner."""

    def __init__(self, ports: range) -> None:
        self._range = ports
        self._free = list(ports)

    def take(self, count: int) -> list[int]:
        """`count` ports on which nobody listens. Raises PortsExhausted."""
        taken: list[int] = []
        busy: list[int] = []
        while len(taken) < count and self._free:
            port = self._free.pop(0)
            (taken if _bindable(port) else busy).append(port)
        self._free += busy
        if len(taken) < count:
            self.give(taken)
            raise PortsExhausted(f"no port left in {self._range.start}-{self._range.stop - 1}; wanted {count}")
        return taken

    def give(self, ports: list[int]) -> None:
        """Ports whose app is gone."""
        self._free += ports


def _bindable(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True
