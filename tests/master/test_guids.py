"""Guids: what they look like, and that none is given twice."""

from uuid import RFC_4122, UUID

from bbs.master.guids import Guids


def test_a_guid_is_a_random_uuid_in_its_usual_spelling() -> None:
    for guid in (new() for new in [Guids()] for _ in range(1000)):
        assert (str(UUID(guid)), UUID(guid).version, UUID(guid).variant) == (guid, 4, RFC_4122)


def test_no_guid_is_given_twice_however_many_are_drawn_at_once() -> None:
    new = Guids()
    assert len({new() for _ in range(1000)}) == 1000


def test_all_random_bits_reach_the_guid() -> None:
    randomness = bytes(range(256)) * 16
    new = Guids(lambda count: randomness[:count])
    assert new() == str(UUID(bytes=bytes(range(16)), version=4))
