"""A page's live streams, with a switch: cut, a page is as one without network, though its other requests pass."""

from playwright.async_api import Page, WebSocketRoute


class Wires:
    def __init__(self) -> None:
        self._whole = True
        self._open: list[WebSocketRoute] = []

    async def lay(self, page: Page) -> None:
        """Lead the streams that the page opens from now on over these wires."""
        await page.route_web_socket("**/ws/**", self._through)

    async def cut(self, code: int = 4000) -> None:
        self._whole = False
        for wire in self._open:
            await wire.close(code=code)
        self._open.clear()

    def mend(self) -> None:
        self._whole = True

    async def _through(self, wire: WebSocketRoute) -> None:
        if self._whole:
            self._open.append(wire)
            wire.connect_to_server()
        else:
            await wire.close(code=4000)
