"""What O2O_REDIS_URL may be."""

import pytest

from o2o.kernel.addresses import Address, RedisUrl


@pytest.mark.parametrize(
    ("url", "kind", "nodes", "service"),
    [
        ("redis://cache:6379/0", "", (), ""),
        ("rediss://o2o:s%2Fcret@cache?ssl_ca_certs=/etc/ca.pem&socket_timeout=3", "", (), ""),
        ("unix:///run/redis.sock", "", (), ""),
        ("unix://o2o:secret@/run/redis.sock?db=1", "", (), ""),
        ("redis+cluster://one:7001,two:7002", "cluster", (("one", 7001), ("two", 7002)), ""),
        ("redis+cluster://one", "cluster", (("one", 6379),), ""),
        ("rediss+cluster://o2o:secret@[::1]:7001,two", "cluster", (("::1", 7001), ("two", 6379)), ""),
        ("redis+sentinel://one,two:26380/hall", "sentinel", (("one", 26379), ("two", 26380)), "hall"),
    ],
)
def test_a_url_names_servers(url: str, kind: str, nodes: tuple[tuple[str, int], ...], service: str) -> None:
    read = RedisUrl.read(url)

    assert (read.kind, read.nodes, read.service) == (kind, nodes, service)


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("http://cache", "use redis://"),
        ("redis+cluster://", "HOST:PORT"),
        ("redis+cluster://one,,two", "HOST:PORT"),
        ("redis+cluster://one/3", "no databases by number"),
        ("redis+cluster://one:port", "HOST:PORT"),
        ("redis://one:65536", "HOST:PORT"),
        ("redis://one/hall", "number"),
        ("redis://one?colour=red", "options"),
        ("redis://one?ssl_ca_certs=/etc/ca.pem", "options"),
        ("redis+cluster://one?socket_timeout=long", "options"),
        ("unix://", "socket's file"),
        ("unix://run/redis.sock", "socket's file"),
        ("redis+sentinel://one:26379", "name the service"),
    ],
)
def test_a_url_that_names_none_is_refused_with_advice(url: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        RedisUrl.read(url)


def test_one_of_them_has_the_same_user_encryption_and_options() -> None:
    read = RedisUrl.read("rediss+cluster://o2o:secret@one,two?ssl_ca_certs=/etc/ca.pem")

    assert read.plain(Address("10.0.0.7", 7001)) == "rediss://o2o:secret@10.0.0.7:7001?ssl_ca_certs=/etc/ca.pem"
