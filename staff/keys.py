"""Keys for programs of others: a right, a name and an end, in the name of the person who made them.

A key may never more than its maker may at this moment: it ends when the maker is disabled, and rests while the maker
has lost the right.
"""

import logging
import secrets
from typing import Any, Final

from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.audit import Difference, Done, note
from o2o.kernel.believed import Believed
from o2o.kernel.clock import from_ms, to_ms
from o2o.kernel.i18n import _
from o2o.kernel.limits import Limit
from o2o.kernel.signing import Signer, base64url
from staff.browsers import KEY_PREFIX, session_id
from staff.models import ApiKey
from staff.people_schemas import KeyRow, NewKey
from staff.queries import open_key
from staff.ranks import holds, tags_of
from staff.schemas import Right, Staff
from staff.sessions import SEEN, By, noting_may_fail
from staff.state import StaffState, provinces_of

USES: Final = Limit(
    600, 60, _("This key was used %(limit)s times within a minute. Try again in %(retry_after)s seconds.")
)
"""So many requests of one key in so many seconds. Without Redis they are not counted (fails open), like all limits."""
TOKEN_BYTES: Final = 32
ID_BYTES: Final = 16
PURPOSE: Final = "api key"

log = logging.getLogger(__name__)
_believed: Final = Believed(open_key)


async def bearer_of(state: StaffState, token_hash: str) -> Staff | None:
    """The program that shows this key; None when it is no key, over, or more than its maker may now."""
    found = await _believed.get(token_hash)
    if found is None or (found.expires_at is not None and state["clock"]() >= from_ms(found.expires_at)):
        return None
    provinces = await provinces_of(state, found.maker_rights)
    maker = Staff(found.maker, found.username, found.name, found.maker_rights, token_hash, "", provinces)
    if not holds(maker, found.right):
        return None
    own = (found.maker, found.username, found.name, (found.right,), token_hash, "")
    return Staff(*own, await provinces_of(state, (found.right,)), key=found.id, read_only=found.read_only)


async def note_use(state: StaffState, bearer: Staff) -> None:
    """Count the request, and note when the key was last used, to the minute. Raises TooManyError."""
    await state["limits"].check(f"key:{bearer.key}", *USES)
    found, now = await _believed.get(bearer.session), state["clock"]()
    if found is not None and (found.last_used_at is None or now - from_ms(found.last_used_at) >= SEEN):
        with noting_may_fail():
            await ApiKey.filter(id=found.id).update(last_used_at=to_ms(now))
        _believed.doubt(bearer.session)


async def make_key(client: BaseDBAsyncClient, signer: Signer, given: NewKey, maker: Staff, at: int) -> KeyRow:
    """A new key; `token_of` is its token. Whether the maker may give so much is for the caller to ask."""
    key_id = base64url(secrets.token_bytes(ID_BYTES))
    row = KeyRow(
        id=key_id,
        name=given.name,
        role=given.role,
        scope=given.scope,
        read_only=given.read_only,
        made_by=maker.username,
        created_at=from_ms(at),
        expires_at=given.expires_at,
    )
    told: dict[str, Any] = {"name": row.name, "role": row.role.value, "scope": row.scope, "read_only": row.read_only}
    key = ApiKey(id=key_id, token_hash=session_id(token_of(signer, key_id)), maker_id=maker.id, created_at=at, **told)
    key.expires_at = given.expires_at and to_ms(given.expires_at)
    await key.save(using_db=client, force_create=True)
    await note(client, Done("key.made", maker.principal, at, key_id), tags_of([row.right]), Difference(None, told))
    log.info("key_made", extra={"key": key_id})
    return row


def token_of(signer: Signer, key_id: str) -> str:
    """Derived, so that a repeat of the request that made the key can tell it again; SQL has only its hash.

    A key is known by that hash, so it outlives a change of our secret.
    """
    return KEY_PREFIX + base64url(signer.mac(PURPOSE, key_id.encode(), TOKEN_BYTES))


async def revoke_key(client: BaseDBAsyncClient, key_id: str, right: Right, by: By) -> None:
    """Ending what has ended changes nothing. `doubt_key` after it."""
    if await ApiKey.filter(id=key_id, revoked_at=None).using_db(client).update(revoked_at=by.at):
        await note(client, by.did("key.revoked", key_id), tags_of([right]))
        log.info("key_revoked", extra={"key": key_id})


def doubt_key(key_id: str) -> None:
    _believed.doubt_those(lambda found: found.id == key_id)


def doubt_keys_of(username: str) -> None:
    """Read their keys anew: what a person may has changed."""
    _believed.doubt_those(lambda found: found.username == username)
