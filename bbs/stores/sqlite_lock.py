"""The holder's lock: an flock on `<file>.lock`, kept for life.

It is liveness and lease in one: the kernel frees it at any death of the holder, and never while the holder lives, be it
paused for hours. Two stores of one process exclude one another as two processes do, since each opens the file itself.
A forked child gives its copy up at once, otherwise it would keep a dead parent's lock.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from bbs.stores.contract import StoreError, StoreMisconfigured

_ATTEMPTS = 5
_PAUSE = 0.004
"""Seconds between attempts: a watcher's probe holds the lock for microseconds and must not defeat a claim."""

_held: set[int] = set()


def _forget_in_child() -> None:
    for descriptor in _held:
        with suppress(OSError):
            os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_forget_in_child)


class HolderLock:
    """The lock of one store object. Blocking for microseconds (milliseconds in `take`): called off the event loop."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds it."""
        return self._descriptor is not None

    def take(self) -> bool:
        """Takes it unless another holder lives; True also when this object held it already."""
        for attempt in range(_ATTEMPTS):
            if self.held:
                return True
            descriptor = self._open()
            if self._lock(descriptor):
                self._descriptor = descriptor
                _held.add(descriptor)
            elif attempt < _ATTEMPTS - 1:
                time.sleep(_PAUSE)
        return self.held

    def free(self) -> bool:
        """Whether nobody holds it at this moment."""
        if self.held:
            return False
        descriptor = self._open()
        free = self._lock(descriptor)
        if free:
            os.close(descriptor)
        return free

    def give_back(self) -> None:
        """Frees it when this object holds it."""
        if self._descriptor is not None:
            _held.discard(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._failure(error) from error

    def _lock(self, descriptor: int) -> bool:
        """Locks without waiting; closes the descriptor when another holds the lock."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError as error:
            os.close(descriptor)
            raise self._failure(error) from error
        return True

    def _failure(self, error: OSError) -> StoreError:
        message = f"the lock {self._path} can't be taken: {error.strerror}; put the store on a writable local disk"
        return StoreMisconfigured(message)
