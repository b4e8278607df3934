"""SIGKILL from the node, as a kernel or a lost machine would do it: never through the pod itself."""

from __future__ import annotations

from dataclasses import dataclass

from e2e.expect import expect
from e2e.kube import get, run


@dataclass(frozen=True, slots=True)
class Process:
    """A process of a container, by its pid on the node."""

    node: str
    pid: int

    def kill(self) -> None:
        """SIGKILL."""
        run("docker", "exec", self.node, "kill", "-KILL", str(self.pid))


def supervisor(namespace: str, pod: str) -> Process:
    """PID 1 of the pod's main container."""
    found = get("pod", pod, namespace)
    expect(found, f"pod {pod} is there")
    assert found is not None
    node = found["spec"]["nodeName"]
    container = found["status"]["containerStatuses"][0]["containerID"].removeprefix("containerd://")
    tasks = run("docker", "exec", node, "ctr", "-n", "k8s.io", "tasks", "list")
    pids = [int(line.split()[1]) for line in tasks.splitlines() if line.split()[0] == container]
    expect(len(pids) == 1, f"one task of container {container[:12]} runs on {node}", pids)
    return Process(node, pids[0])


def server(namespace: str, pod: str) -> Process:
    """The child of PID 1: the server that holds the epoch."""
    parent = supervisor(namespace, pod)
    path = f"/proc/{parent.pid}/task/{parent.pid}/children"
    children = run("docker", "exec", parent.node, "cat", path).split()
    expect(len(children) == 1, f"the supervisor of {pod} has one child", children)
    return Process(parent.node, int(children[0]))
