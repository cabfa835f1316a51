"""Hosts: a request for a name that is not ours reads nothing, and is told so in the shape of every other error."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.api.errors import refusal


class OwnHosts:
    """ASGI middleware. Starlette judges the host; its own refusal is plain text, which our callers cannot read."""

    def __init__(self, app: ASGIApp, allowed_hosts: Sequence[str]) -> None:
        self._app = app
        self._allowed = list(allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request for one of our hosts."""
        if await self._is_ours(scope, receive):
            await self._app(scope, receive, send)
        else:
            answer = refusal(400, "Bad Request", f"not a host of this console; ask for {' or '.join(self._allowed)}")
            await answer(scope, receive, send)

    async def _is_ours(self, scope: Scope, receive: Receive) -> bool:
        passed: list[Scope] = []

        async def let_in(scope: Scope, receive: Receive, send: Send) -> None:
            del receive, send
            passed.append(scope)

        async def unheard(_: Message) -> None:
            return

        await TrustedHostMiddleware(let_in, self._allowed, www_redirect=False)(scope, receive, unheard)
        return bool(passed)
