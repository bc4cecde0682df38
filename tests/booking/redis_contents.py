"""Everything that a Redis holds, as text to be searched."""

from redis.asyncio import Redis


async def everything_in(client: Redis) -> str:
    found = [await _value(client, key) async for key in client.scan_iter()]
    return "\n".join(found)


async def _value(client: Redis, key: bytes) -> str:
    match await client.type(key):
        case b"hash":
            value: object = await client.hgetall(key)
        case b"list":
            value = await client.lrange(key, 0, -1)
        case b"zset":
            value = await client.zrange(key, 0, -1)
        case b"stream":
            value = await client.xrange(key)
        case _:
            value = await client.get(key)
    return "\n".join([key.decode(), *_texts(value)])


def _texts(value: object) -> list[str]:
    """Every piece of text in a reply, however deep."""
    match value:
        case bytes():
            return [value.decode()]
        case dict():
            return [text for pair in value.items() for part in pair for text in _texts(part)]
        case list() | tuple():
            return [text for part in value for text in _texts(part)]
        case _:
            return [str(value)]
