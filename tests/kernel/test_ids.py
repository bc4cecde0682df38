"""Ids that lie side by side in an index when they were made at one time."""

from base64 import urlsafe_b64decode

from o2o.kernel.ids import RANDOM_BYTES, timely_id

NOW = 1_790_000_000_000


def test_ids_of_one_moment_begin_alike_and_are_never_the_same() -> None:
    ids = {timely_id(NOW) for _ in range(1000)}

    assert len(ids) == 1000
    assert len({_bytes(one)[:4] for one in ids}) == 1


def test_a_later_id_sorts_behind() -> None:
    assert _bytes(timely_id(NOW)) < _bytes(timely_id(NOW + 1)) < _bytes(timely_id(NOW + 60_000))


def test_an_id_is_16_bytes_of_which_chance_makes_twelve() -> None:
    assert len(timely_id(NOW)) == 22
    assert len(_bytes(timely_id(NOW))) == 16
    assert RANDOM_BYTES == 12


def _bytes(one: str) -> bytes:
    return urlsafe_b64decode(f"{one}==")
