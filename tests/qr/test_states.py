import pytest

from qr.states import Agent, Source, agent_of, path_of, source_of

ANDROID = "Mozilla/5.0 (Linux; Android 15; V2405A) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36"
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("name", "agent"),
    [
        (f"{ANDROID} MicroMessenger/8.0.60 WeChat/arm64", Agent.WECHAT),
        (f"{ANDROID} AlipayClient/10.6", Agent.ALIPAY),
        (ANDROID, Agent.PHONE),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15", Agent.PHONE),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 ArkWeb/4.1", Agent.PHONE),
        (DESKTOP, Agent.COMPUTER),
        (DESKTOP.replace("Chrome", "HeadlessChrome"), None),
        ("Mozilla/5.0 (compatible; Baiduspider/2.0)", None),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", None),
        ("facebookexternalhit/1.1", None),
        ("curl/8.5.0", None),
        ("python-httpx/0.28", None),
        ("", None),
    ],
)
def test_people_are_told_from_machines_by_what_they_scan_with(name: str, agent: Agent | None) -> None:
    assert agent_of({"user-agent": name}) is agent


@pytest.mark.parametrize(
    "header", [{"purpose": "prefetch"}, {"sec-purpose": "prefetch;prerender"}, {"x-moz": "prefetch"}]
)
def test_what_a_browser_fetches_ahead_is_no_scan(header: dict[str, str]) -> None:
    assert agent_of({"user-agent": ANDROID} | header) is None


def test_a_source_that_nobody_knows_is_another_one() -> None:
    assert (source_of("poster"), source_of(""), source_of("<script>")) == (Source.POSTER, Source.OTHER, Source.OTHER)


def test_an_address_says_only_sources_that_are_known() -> None:
    assert path_of("abc", "door") == "/q/abc?s=door"
    assert path_of("abc", "a&b=c") == path_of("abc") == "/q/abc"
