"""Which counters call from which services. Counters that serve the same ones are one profile. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

from msgspec import Struct

from halls.hall import Counter, Hall


class Profile(Struct, frozen=True):
    """What some counters have in common: the services that they call from. `id` says the same in 12 letters."""

    id: str
    services: tuple[str, ...]
    counters: tuple[str, ...]


@lru_cache(maxsize=4096)
def profiles_of(counters: tuple[Counter, ...]) -> tuple[Profile, ...]:
    """The profiles of a hall's counters, in the counters' order. One without services calls whom it alone may call."""
    alike: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for counter in counters:
        alike[counter.services].append(counter.id)
    return tuple(Profile(_id(services), services, tuple(ids)) for services, ids in alike.items())


def serving(hall: Hall, service: str) -> list[Profile]:
    """The profiles whose counters call from the service."""
    return [profile for profile in profiles_of(hall.counters) if service in profile.services]


def profile_of(hall: Hall, counter: str) -> Profile | None:
    return next((profile for profile in profiles_of(hall.counters) if counter in profile.counters), None)


@lru_cache(maxsize=4096)
def pool(hall: Hall, service: str) -> tuple[str, ...]:
    """The services that are called wherever this one is: their people stand in one line with its own."""
    profiles = serving(hall, service)
    if not profiles:
        return (service,)
    together = set.intersection(*(set(profile.services) for profile in profiles))
    return tuple(one.id for one in hall.services if one.id in together)


def _id(services: Sequence[str]) -> str:
    return sha256(",".join(services).encode()).hexdigest()[:12]
