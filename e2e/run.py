"""`python -m e2e.run [gate | all | S0 S1 ...]`: scenarios on one real cluster, a line each, then `N passed, N failed`.

The cluster `diego-e2e` has a kubeconfig of its own and is removed at the end, unless KEEP=1. Files: `e2e/out/<run>/`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime

from e2e import gate, installation
from e2e.evidence import Evidence
from e2e.life import Life
from e2e.places import CLUSTER, OUT, SCRIPTS, environment
from e2e.scenarios import s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s14, s16, s17

Scenario = Callable[[Life], str]
SCENARIOS: dict[str, Scenario] = {
    "S0": s0.run_fresh,
    "S1": s1.run,
    "S1-online": s1.run_online,
    "S2": s2.run,
    "S3a": s3.run_before,
    "S3b": s3.run_while,
    "S4": s4.run,
    "S5": s5.run,
    "S6": s6.run,
    "S7": s7.run,
    "S8": s8.run_fresh,
    "S9": s9.run,
    "S14a": s14.run_postgresql,
    "S14b": s14.run_mysql,
    "S16": s16.run,
    "S17": s17.run,
}
ONE_LIFE = {"gate": gate.STEPS}
GROUPS = {"S3": ("S3a", "S3b"), "S14": ("S14a", "S14b")}


class Run:
    """One run: a folder, and how many passed."""

    def __init__(self) -> None:
        self.name = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        self.passed = self.failed = 0

    def scenario(self, name: str, life: Life, run: Scenario) -> bool:
        """Run it; the line that tells how it went. A failure leaves everything worth reading in the folder."""
        started = time.monotonic()
        print(f"{name} ...", flush=True)
        try:
            words, verdict = run(life), "passed"
            self.passed += 1
        except Exception as error:
            words, verdict = f"{type(error).__name__}: {error}", "FAILED"
            self.failed += 1
            life.evidence.keep("failure.txt", traceback.format_exc())
            life.evidence.dump(life.namespace)
        life.evidence.keep_audit(life.namespace, life.began)
        life.evidence.keep_plans(life.namespace)
        print(f"{name} {verdict} in {time.monotonic() - started:.0f} s: {words[:1500]}", flush=True)
        return verdict == "passed"

    def life(self, name: str) -> Life:
        """A fresh namespace, with the evidence of this scenario."""
        return Life(f"life-{name.lower()}", Evidence(self.name, name))


def prepare() -> None:
    """Cluster, images, operator: each is kept when it is there and current."""
    started = time.monotonic()
    for command in (("up", CLUSTER), ("images", CLUSTER), ("operator",)):
        subprocess.run([str(SCRIPTS / command[0]), *command[1:]], env=environment(), check=True, stdout=sys.stderr)
    installation.restart()
    print(f"cluster, images and operator in {time.monotonic() - started:.0f} s", flush=True)


def main() -> int:
    """The exit code is 1 when a scenario failed or none ran."""
    parser = argparse.ArgumentParser(prog="python -m e2e.run", description=__doc__)
    names = [*ONE_LIFE, "all", *GROUPS, *SCENARIOS]
    parser.add_argument("what", nargs="*", metavar="WHAT", help=f"some of {', '.join(names)}; default all")
    parser.add_argument("--prepared", action="store_true", help="cluster, images and operator are there already")
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.what) - set(names))
    if unknown:
        parser.error(f"no scenario {', '.join(unknown)}; there are {', '.join(names)}")
    run = Run()
    try:
        if not chosen.prepared:
            prepare()
        for what in chosen.what or ["all"]:
            _run(run, what)
    finally:
        if os.environ.get("KEEP") != "1":
            subprocess.run([str(SCRIPTS / "down"), CLUSTER], env=environment(), check=False)
    print(f"files: {OUT / run.name}")
    print(f"{run.passed} passed, {run.failed} failed", flush=True)
    return 0 if run.passed and not run.failed else 1


def _run(run: Run, what: str) -> None:
    if what in ONE_LIFE:
        _one_life(run, what)
        return
    for name in SCENARIOS if what == "all" else GROUPS.get(what, (what,)):
        life = run.life(name)
        run.scenario(name, life, SCENARIOS[name])
        life.end()
    if what == "all":
        run.scenario("S0-verbs", run.life("S0-verbs"), lambda _: s0.verbs_used())


def _one_life(run: Run, what: str) -> None:
    life = run.life(what)
    try:
        for name, step in ONE_LIFE[what]:
            life.evidence = Evidence(run.name, name)
            if not run.scenario(name, life, step):
                break
    finally:
        life.end()


if __name__ == "__main__":
    sys.exit(main())
