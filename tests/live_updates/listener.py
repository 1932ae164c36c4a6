"""A browser that holds a stream of live updates open, as far as a test needs one."""

import json
import re
from collections.abc import Iterator
from types import TracebackType

import requests
from requests import Response, Session

from tests.makers import PASSWORD


def sign_in(base: str, username: str) -> Session:
    """A session of `requests` in which `username` is signed in, with the token of the form."""
    browser = Session()
    browser.trust_env = False
    page = browser.get(f"{base}/login", timeout=10).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    form = {"username": username, "password": PASSWORD, "csrf_token": token[1] if token else ""}
    answer = browser.post(f"{base}/login", data=form, timeout=10, allow_redirects=False)
    assert answer.status_code == 303, answer.text
    return browser


SILENCE = 3  # signs of life, 8 seconds apart


class Listener:
    """One open stream; `events()` waits until so many have come."""

    def __init__(self, browser: Session, base: str, last_id: str = "") -> None:
        headers = {"Last-Event-ID": last_id} if last_id else {}
        self.answer: Response = browser.get(
            f"{base}/live", headers=headers, stream=True, timeout=20
        )
        self._lines: Iterator[str] = self.answer.iter_lines(chunk_size=1, decode_unicode=True)
        self.last_id = ""

    def __enter__(self) -> "Listener":
        assert self.answer.status_code == 200
        self.hello()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.answer.close()

    def hello(self) -> None:
        """The first frame: from here on nothing is missed."""
        for line in self._lines:
            if line.startswith("id: "):
                self.last_id = line[4:]
            if not line:
                return

    def events(self, wanted: int) -> list[str]:
        """The kinds of the next `wanted` updates. Signs of life are none, and many are silence."""
        kinds: list[str] = []
        for line in self._lines:
            if line.startswith("id: "):
                self.last_id = line[4:]
            if line.startswith("data: "):
                kinds.append(json.loads(line[6:])["kind"])
            heard = [kind for kind in kinds if kind != "still"]
            if not line and len(heard) == wanted:
                return heard
            assert len(kinds) - len(heard) < SILENCE, f"only {heard} came"
        raise AssertionError(f"the stream ended after {kinds}")

    def runs_to_its_end(self) -> bool:
        """Whether the server ends the stream; waits for it, and not for ever."""
        signs_of_life = 0
        try:
            for line in self._lines:
                signs_of_life += line.startswith("data: ") and '"still"' in line
                if signs_of_life == SILENCE:
                    return False
        except requests.exceptions.ChunkedEncodingError:
            return True
        return True
