"""The member list of the managed etcd, as its JSON gateway gives it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from controllers.decide.observation import EtcdMember
from controllers.render.etcd import pod_at


class _Member(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    ID: str
    name: str = ""
    peer_urls: list[str] = Field(alias="peerURLs", min_length=1)
    learner: bool = Field(default=False, alias="isLearner")


class _List(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    members: list[_Member] = Field(min_length=1)


def etcd_members(document: dict[str, Any]) -> tuple[EtcdMember, ...]:
    """By pod. A member without a name was announced and has never started. Raises pydantic's ValidationError."""
    said = _List.model_validate(document).members
    found = [EtcdMember(one.ID, pod_at(one.peer_urls[0]), bool(one.name), one.learner) for one in said]
    return tuple(sorted(found, key=lambda member: member.pod))
