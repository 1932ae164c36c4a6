"""What a browser complains of while a story runs. A story that is told with complaints has failed.

Heard are: the console from warnings on (a breach of the content security policy is said there),
errors of scripts, requests that fail or leave our own origin, and answers of 500 and more.
"""

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response

SERIOUS = ("error", "warning")
# The page itself gave up a request because it was left or its sound was no longer needed.
GIVEN_UP = "net::ERR_ABORTED"
# What htmx says when a part of the page gives up its question because it asks a newer one.
ASKED_ANEW = re.compile(r"htmx:(?:afterRequest|sendAbort), ")
# What Chromium and htmx say of every answer of 400 and more: one that a story expects is none.
STATUS = re.compile(
    r"(?:Failed to load resource: the server responded with a status of"
    r"|Response Status Error Code) (\d{3})"
)


class Watch:
    """Listens to every page of `context`; `expected` are the answers of 400 and more to be seen."""

    def __init__(
        self, context: BrowserContext, base: str, expected: frozenset[int] = frozenset()
    ) -> None:
        self.context = context
        self.complaints: list[str] = []
        self._base = base
        self._expected = expected
        context.on("console", self._said)
        context.on("weberror", lambda error: self._complain(f"script: {error.error}"))
        context.on("request", self._left)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def _complain(self, what: str) -> None:
        self.complaints.append(what)

    def _said(self, message: ConsoleMessage) -> None:
        status = STATUS.match(message.text)
        is_expected = status and int(status[1]) in self._expected
        if message.type in SERIOUS and not (is_expected or ASKED_ANEW.match(message.text)):
            self._complain(f"{message.type}: {message.text} ({message.location.get('url')})")

    def _left(self, request: Request) -> None:
        if not request.url.startswith((self._base, "data:", "blob:")):
            self._complain(f"leaves our origin: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != GIVEN_UP:
            self._complain(f"{request.failure}: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500 and response.status not in self._expected:
            self._complain(f"{response.status}: {response.url}")
