"""The world read into one frozen Observation: Kubernetes by LIST and GET, BBS and cells by their own word."""

from controllers.observe.observer import Observer

__all__ = ["Observer"]
