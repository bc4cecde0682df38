"""A server of the tests' own that speaks Kuaidi100's published interface, on a port of this machine."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

KEY: Final = "AbCdEfGh1234"
CUSTOMER: Final = "0123456789ABCDEF0123456789ABCDEF"


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def scan(time: str, context: str) -> dict[str, str]:
    return {"time": time, "ftime": time, "context": context}


class Kuaidi100Server:
    """What was subscribed, by tracking number; what is known of each parcel; and ways to be wrong."""

    def __init__(self) -> None:
        self.subscribed: dict[str, dict[str, Any]] = {}
        self.parcels: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, Any]] = []
        self.refuses: tuple[str, str] | None = None
        self.silent = False
        self.garbled = False
        self.url = ""
        self.app = Starlette(
            routes=[
                Route("/poll", self.poll, methods=["POST"]),
                Route("/poll/query.do", self.query, methods=["POST"]),
            ]
        )

    async def poll(self, request: Request) -> Response:
        fields = dict(parse_qsl((await request.body()).decode()))
        if self.silent:
            await asyncio.sleep(60)
        if self.garbled:
            return PlainTextResponse("<html>Bad gateway</html>")
        param = json.loads(fields["param"])
        if fields.get("schema") != "json" or param["key"] != KEY:
            return _said("600", "您不是合法的订阅者")
        if self.refuses:
            return _said(*self.refuses)
        if not param["company"] or not param["number"] or len(param["number"]) > 32:
            return _said("700", "订阅方的订阅数据存在错误")
        if param["number"] in self.subscribed:
            return _said("501", "重复订阅")
        self.subscribed[param["number"]] = param
        return JSONResponse({"result": True, "returnCode": "200", "message": "提交成功"})

    async def query(self, request: Request) -> Response:
        fields = dict(parse_qsl((await request.body()).decode()))
        if self.silent:
            await asyncio.sleep(60)
        if fields["customer"] != CUSTOMER or fields["sign"] != md5(fields["param"] + KEY + CUSTOMER):
            return _said("503", "验证签名失败")
        param = json.loads(fields["param"])
        self.asked.append(param)
        known = self.parcels.get(param["num"])
        if known is None:
            return _said("500", "查询无结果，请隔段时间再查")
        return JSONResponse({"message": "ok", "status": "200", "com": param["com"], "nu": param["num"], **known})

    def pushed(self, number: str, state: str, *scans: Mapping[str, str], **more: Any) -> bytes:
        """The body that is pushed to the parcel's callback, signed with the salt that came with the subscription."""
        param = self.subscribed[number]
        result = {"state": state, "ischeck": "0", "com": param["company"], "nu": number, "data": list(scans)}
        return signed({"status": "polling", "message": "", "lastResult": result} | more, param["parameters"]["salt"])


def signed(push: Mapping[str, Any], salt: str) -> bytes:
    text = json.dumps(push, ensure_ascii=False)
    return urlencode({"sign": md5(text + salt), "param": text}).encode()


def _said(code: str, message: str) -> Response:
    return JSONResponse({"result": False, "returnCode": code, "message": message})


@asynccontextmanager
async def kuaidi100_server() -> AsyncIterator[Kuaidi100Server]:
    carrier = Kuaidi100Server()
    config = uvicorn.Config(carrier.app, port=0, lifespan="off", log_config=None, timeout_graceful_shutdown=0)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    carrier.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield carrier
    finally:
        server.should_exit = server.force_exit = True
        await running
