"""Passwords: argon2id in threads of its own, so that the event loop never waits for it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 8
LONGEST: Final = 128  # A bound, so that a huge password costs nothing to refuse.

_hasher: Final = PasswordHasher()
# Each verification takes 64 MiB and a core for a moment: two at a time, the others wait in line.
_threads: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
# What an unknown username is verified against, so that its answer takes as long as a wrong password's.
_NOBODY: Final = "$argon2id$v=19$m=65536,t=3,p=4$fLGICgH10IbSucIQQuN1EA$+eI6utLteDgFwyUQIYMXIP11vdJltKBsJ8hg5Q5MR6o"


async def hash_password(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether it is the password; False for nobody (None), after the same time."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _verify, password_hash, password)


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        _hasher.verify(password_hash or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None
