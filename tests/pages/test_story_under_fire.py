"""The whole story over two processes, one of them killed at each turn of it, while the hall next door is crowded."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from tests.faults.checker import events, wrongs
from tests.faults.people import Crowd, Hall
from tests.faults.supervisor import Served, all_there, kill_one_of
from tests.installation import Installation
from tests.pages import steps, test_story
from tests.pages.conftest import SignIn, Windows
from tests.stack import stack

pytestmark = [
    pytest.mark.browser,
    pytest.mark.story,
    pytest.mark.slow,
    pytest.mark.postgres,
    pytest.mark.asyncio(loop_scope="session"),
]
STORY = test_story.STORIES[0]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    folder = tmp_path_factory.mktemp("story")
    installed = Installation(folder, **{**stack.demo(folder), "O2O_WORKERS": "2"})
    async with installed.serving() as process:
        yield Served(installed, process)


@pytest.fixture(scope="module")
def address(served: Served) -> str:
    return served.installed.url


async def test_the_story_goes_on_whichever_process_is_killed(
    served: Served, window: Windows, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    kills: list[str] = []

    def after_a_kill(name: str) -> Callable[..., Awaitable[Any]]:
        step = getattr(steps, name)

        async def told(*what: Any) -> Any:
            kills.append(name)
            kill_one_of(served.process)
            result = await step(*what)
            await all_there(served.process)
            return result

        return told

    for name in ("take_number", "call"):
        monkeypatch.setattr(steps, name, after_a_kill(name))
    next_door = Hall(Crowd(served.installed, hall="nankai", people=2), [])
    async with next_door.open():
        await next_door.crowd.until(20)
        await test_story.test_a_number_taken_on_the_phone_is_called_on_the_tablet_and_shown_on_the_display(
            STORY, window, sign_in
        )

    assert kills == ["take_number", "call"]
    assert wrongs(await events(served.installed.environ["O2O_DATABASE_URL"]), next_door.recorder) == []
    assert next_door.said == []
