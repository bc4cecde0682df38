"""Pages speak the reader's language and run nothing that is not ours."""

import pytest
from jinja2 import UndefinedError
from starlette.requests import Request

from o2o.kernel.pages import environment, render

CONTEXT = {"title": "<b>", "detail": "x", "request_id": None, "again": "", "sign_in": "", "way_on": None}


def request(search: str = "", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": search.encode(), "headers": raw}
    return Request({**scope, "server": ("hall.test", 80), "scheme": "http"})


def test_a_page_is_in_the_reader_s_language() -> None:
    english = render(request(accept_language="en"), "kernel/error.html", CONTEXT)
    chinese = render(request(), "kernel/error.html", CONTEXT)

    assert '<html lang="en"' in bytes(english.body).decode()
    assert '<html lang="zh-CN"' in bytes(chinese.body).decode()
    assert english.headers["content-language"] == "en"


def test_what_comes_from_outside_is_escaped() -> None:
    assert "&lt;b&gt;" in bytes(render(request(), "kernel/error.html", CONTEXT).body).decode()


def test_a_page_allows_nothing_inline_and_nothing_foreign() -> None:
    policy = render(request(host="hall.test:8000"), "kernel/error.html", CONTEXT).headers["content-security-policy"]

    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "connect-src 'self' ws://hall.test:8000 wss://hall.test:8000;" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("host", ["hall.test; script-src *", "hall test", ""])
def test_a_strange_host_does_not_reach_the_policy(host: str) -> None:
    policy = render(request(host=host), "kernel/error.html", CONTEXT).headers["content-security-policy"]

    assert "connect-src 'self';" in policy


def test_a_language_that_is_chosen_is_remembered() -> None:
    cookie = render(request("lang=en"), "kernel/error.html", CONTEXT).headers["set-cookie"]

    assert cookie.startswith("lang=en;")
    assert "HttpOnly" in cookie


@pytest.mark.parametrize("search", ["", "lang=xx"])
def test_nothing_is_remembered_that_was_not_chosen(search: str) -> None:
    assert "set-cookie" not in render(request(search), "kernel/error.html", CONTEXT).headers


def test_a_name_that_a_template_misses_is_a_mistake() -> None:
    with pytest.raises(UndefinedError):
        environment("en").from_string("{{ nobody }}").render()


def test_a_text_in_a_template_is_filled_and_escaped() -> None:
    template = environment("en").from_string('{{ _("about %(minutes)s min", minutes=what) }}')

    assert template.render(what="<5>") == "about &lt;5&gt; min"
