"""Tokens of target calls: the same wish, the same token, so repeating a lost call changes nothing."""

from hashlib import sha256

from controllers.decide.wanted import Wanted

ROLLED_BACK = "-rolled-back"


def target_token(wanted: Wanted, version: int) -> str:
    """A new `migration.retryToken` makes a new wish of the same version: another attempt after a failure."""
    return sha256(f"{wanted.uid}/{version}/{wanted.retry_token}".encode()).hexdigest()[:16]


def move_token(wanted: Wanted) -> str:
    """As `target_token`, of the move of the records to another store."""
    return sha256(f"{wanted.uid}/move to {wanted.store}/{wanted.retry_token}".encode()).hexdigest()[:16]


def rolled_back_token(wanted: Wanted, version: int) -> str:
    """Marks, durably and in the store itself, that `version` failed under this wish and was put back."""
    return target_token(wanted, version) + ROLLED_BACK
