"""Somebody of the house at a browser without scripts: reads pages, fills in and sends forms."""

import re
from dataclasses import dataclass
from html import unescape

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

VERSION = re.compile(r'name="version" value="(\d+)"')


@dataclass
class Reader:
    """`page` is what this person has before the eyes."""

    client: FlaskClient
    page: str = ""

    def opens(self, path: str) -> str:
        """Go to a page and read it."""
        answer = self.client.get(path, follow_redirects=True)
        assert answer.status_code == 200, (path, answer.status_code)
        return self._reads(answer.text)

    def sends(self, path: str, **typed: object) -> str:
        """Send the form before the eyes, and read where that leads."""
        answer = self._post(path, typed)
        assert answer.status_code == 303, text_of(answer.text)
        return self.opens(answer.location)

    def is_refused(self, path: str, **typed: object) -> str:
        """Send the form before the eyes; it comes back with a reason, which is read."""
        answer = self._post(path, typed)
        assert answer.status_code in (409, 422), answer.status
        return self._reads(answer.text)

    def finds(self, pattern: str) -> str:
        """The first group of `pattern` in the page: an address, a number."""
        found = re.search(pattern, self.page)
        assert found, f"no {pattern} in:\n{text_of(self.page)}"
        return found[1]

    def _post(self, path: str, typed: dict[str, object]) -> TestResponse:
        version = VERSION.search(self.page)
        form = ({"version": version[1]} if version else {}) | typed
        return self.client.post(path, data=form)

    def _reads(self, page: str) -> str:
        self.page = page
        return text_of(page)


def text_of(page: str) -> str:
    """A page as its words, one after the other."""
    body = re.sub(r"(?s).*<body[^>]*>|<(script|svg|option).*?</\1>", " ", page)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
