"""A crash run's configuration: where the store lies, which keys there are, and the times of each process's lock."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bbs.configuration import BBSConfiguration
from bbs.configuration.sections import StoreSection
from tests.engines.certificates import Authority

VICTIM_LOCK = {"ttl": "1s", "renew": "200ms", "margin": "200ms", "poll": "50ms"}
"""A dead holder is believed dead after this ttl, so a point that waits it out is quick."""
RELATIONAL_VICTIM_LOCK = {"ttl": "4s", "renew": "400ms", "margin": "400ms", "poll": "50ms"}
"""The same on a server whose limits count in whole seconds, and that is dialled anew for each snapshot."""
PATIENT_LOCK = {"ttl": "20s", "renew": "1s", "margin": "1s", "poll": "50ms"}
"""Of processes that nobody waits out: on a busy machine their calls may take long."""

OLD_KEY, NEW_KEY = "crash-1", "crash-2"


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything that makes a configuration, but for the member's name and its lock's times."""

    store: StoreSection
    authority: Authority
    keyring_dir: Path | None

    def configuration(self, member: str, lock: dict[str, str]) -> BBSConfiguration:
        """A BBS's whole configuration; superseded roots are dropped, so that clean-up has crash points too."""
        cert_file, key_file = self.authority.folder / "client.crt", self.authority.folder / "client.key"
        document: dict[str, Any] = {
            "member": member,
            "target": "managed",
            "tls": {"ca_file": self.authority.ca_file, "cert_file": cert_file, "key_file": key_file},
            "store": self.store,
            "lock": lock,
            "keyring_dir": self.keyring_dir,
            "initial_key": None if self.keyring_dir is None else OLD_KEY,
            "migration": {"keep_old_roots": 0},
        }
        return BBSConfiguration.model_validate(document)


def make_keyring(folder: Path) -> Path:
    """A keyring of two keys, of which the older is active at first."""
    folder.mkdir(parents=True)
    (folder / OLD_KEY).write_text("correct horse battery staple\n")
    (folder / NEW_KEY).write_text("staple battery horse correct\n")
    return folder
