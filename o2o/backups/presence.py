"""Is anybody serving? A restore beneath a running service would be written over by what that still knows."""

from redis.exceptions import RedisError

from booking.picture import CHANNEL
from o2o.backups.engine import Engine
from o2o.kernel.claim import embedded_url
from o2o.kernel.redis import count_listeners, open_redis
from o2o.kernel.settings import Settings


async def who_serves(settings: Settings, engine: Engine) -> str | None:
    """Who is there, as a sentence's beginning; None when nobody is."""
    if embedded_url(settings.data_dir):
        return f"o2o is serving from {settings.data_dir}"
    return await engine.who_is_connected() or await _who_listens(settings)


async def _who_listens(settings: Settings) -> str | None:
    """Every serving process hears what is announced, also one whose database was taken from beneath it."""
    if settings.redis_url is None:
        return None
    async with open_redis(settings.redis_url, settings.data_dir) as redis:
        try:
            listeners = await count_listeners(redis.read, CHANNEL)
        except (RedisError, OSError):
            return None
    return f"{listeners} processes of o2o listen to this Redis" if listeners else None
