"""What was decided, done: each action by one call or by calls of which any may be the last."""

from controllers.act.actor import Actor

__all__ = ["Actor"]
