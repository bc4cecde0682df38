"""Pages: one Jinja environment a language over the templates/ folders of all packages, and their content policy."""

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from o2o.kernel import words
from o2o.kernel.errors import DomainError
from o2o.kernel.i18n import LANG, LANGUAGES, language_of, named, translator
from o2o.kernel.static import static_url

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("o2o/kernel", "booking", "orders", "staff", "messages", "websocket", "qr")
FOLDERS: Final = tuple(ROOT / name / "templates" for name in PACKAGES)
SOURCES: Final = {
    file.relative_to(folder).as_posix(): (file.read_text(encoding="utf-8"), str(file), None)
    for folder in FOLDERS
    for file in folder.rglob("*.*")
}
"""Each template's text, its file, and nothing that says it has changed: read with the code, it is of one version."""
HOST: Final = re.compile(r"[A-Za-z0-9.:\[\]-]+")
YEAR_S: Final = 365 * 24 * 3600


def render(
    request: Request[Any],
    template: str,
    context: Mapping[str, Any] | None = None,
    refusal: DomainError | None = None,
    *,
    status: int = 200,
) -> Response:
    """The page `template` (`booking/finder.html`) in the reader's language; with the status of what it says is refused.

    A `?lang=` is remembered as a cookie.
    """
    language = language_of(request)
    body = environment(language).get_template(template).render(request=request, **(context or {}))
    headers = {
        "Content-Security-Policy": _policy(request),
        "Content-Language": language,
        "Vary": "Accept-Language, Cookie",
    }
    if refusal and "retry_after" in refusal.details:
        headers["Retry-After"] = str(refusal.details["retry_after"])
    response = HTMLResponse(body, refusal.status if refusal else status, headers)
    if request.query_params.get(LANG) in LANGUAGES:
        response.set_cookie(LANG, language, YEAR_S, secure=request.url.is_secure, httponly=True, samesite="lax")
    return response


@cache
def environment(language: str) -> Environment:
    """The templates with the texts and filters of one language."""
    texts = translator(language)
    made = Environment(
        loader=FunctionLoader(SOURCES.get),
        auto_reload=False,
        # Whatever isn't plainly a text (`messages/ready.txt`).
        autoescape=select_autoescape(disabled_extensions=("txt",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    # newstyle: placeholders are filled after the translation, and escaped.
    made.install_gettext_callables(texts.gettext, texts.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update({name: _named(made.globals[name]) for name in ("gettext", "ngettext")})
    made.globals.update(language=language, static_url=static_url)
    made.filters.update(
        clock_time=words.clock_time,
        wait_range=lambda estimate: words.wait_range(estimate.low_s, estimate.high_s, texts),
        duration=partial(words.duration, texts=texts),
        distance=partial(words.distance, texts=texts),
        unbroken=words.unbroken,
    )
    return made


def _named(say: Any) -> Callable[..., str]:
    """A template's way to a text, which names counters as every text does."""

    @pass_context
    def said(context: Context, *texts: Any, **values: Any) -> str:
        text: str = say(context, *texts, **values)
        return type(text)(named(text))  # What is markup stays markup.

    return said


def share(**names: Any) -> None:
    """Let every template know these: what a package gives to the pages of those below it."""
    for language in LANGUAGES:
        environment(language).globals.update(names)


def _policy(request: Request[Any]) -> str:
    """Nothing inline, nothing foreign. Older browsers don't count our own sockets as 'self', so their host is named."""
    host = request.headers.get("host", "")
    sockets = f" ws://{host} wss://{host}" if HOST.fullmatch(host) else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"media-src 'self'; manifest-src 'self'; connect-src 'self'{sockets}; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
