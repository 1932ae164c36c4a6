"""Nothing on any page is left untranslated: with a catalogue of nonsense every sentence shows.

Each msgid becomes ⟦msgid⟧. Then whatever words stand on a page outside such brackets never went
through the catalogue. What comes from the database is marked `translate="no"`, what is a formatted
time stands in <time>.
"""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from hotline.extensions import babel
from models import User, db
from tests.makers import PASSWORD

ROOT = Path(__file__).parent.parent
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "use", "path"}
SILENT = {"script", "style", "title", "time", "kbd", "svg", "audio", "textarea"}
SPOKEN_ATTRIBUTES = ("title", "placeholder", "aria-label", "alt", "data-confirm")
WORD = re.compile(r"[A-Za-z]{2,}|[\u4e00-\u9fff]+")
BRACKETS = re.compile(r"⟦[^⟦⟧]*⟧")
# The two languages are called by their own names; days and months come from the calendar's library.
OURS = {"中文", "English", "xxxx"}  # and the shape of a set-up code
DATES = re.compile(r"(\d{4}年)?\d{1,2}月(\d{1,2}日)?|（?(周|星期)[一二三四五六日]）?|[今昨明]天")
NOT_PAGES = re.compile(r"/(logout|static|live|recordings)|\.(csv|json|xlsx|wav|mp3)$")
PER_ENDPOINT = 3


class Words(HTMLParser):
    """The words of a page that are neither data nor translated, and the links to follow."""

    def __init__(self) -> None:
        super().__init__()
        self.silent: list[bool] = []
        self.found: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "a" and values.get("href", "").startswith("/"):
            self.links.append(values["href"])
        for name in ("hx-get",):
            if values.get(name, "").startswith("/"):
                self.links.append(values[name])
        silent = tag in SILENT or values.get("translate") == "no" or any(self.silent[-1:])
        if not silent or tag in ("input", "textarea", "svg", "audio"):
            for name in SPOKEN_ATTRIBUTES:
                if not any(self.silent[-1:]) and values.get("translate") != "no":
                    self._note(values.get(name) or "", f"{tag}@{name}")
        if tag == "input" and values.get("type") in ("submit", "button"):
            self._note(values.get("value") or "", "input@value")
        if tag not in VOID:
            self.silent.append(silent)

    def handle_endtag(self, tag):
        if tag not in VOID and self.silent:
            self.silent.pop()

    def handle_data(self, data):
        if not any(self.silent[-1:]):
            self._note(data, "text")

    def _note(self, text, where):
        # Parameters of a sentence may hold bracketed sentences themselves.
        while BRACKETS.search(text):
            text = BRACKETS.sub("", text)
        text = DATES.sub("", text)
        words = [word for word in WORD.findall(text) if word not in OURS]
        if words:
            self.found.append(f"{where}: {' '.join(text.split())[:80]}")


@pytest.fixture(scope="module")
def nonsense(tmp_path_factory):
    """Catalogues in which every sentence is itself in brackets."""
    folder = tmp_path_factory.mktemp("nonsense")
    for locale in ("zh", "en"):
        with (ROOT / f"translations/{locale}/LC_MESSAGES/messages.po").open("rb") as file:
            real = read_po(file, locale=locale)
        catalog = Catalog(locale=locale)
        for message in real:
            if message.id:
                plural = isinstance(message.id, tuple)
                ids = message.id if plural else (message.id,)
                strings = tuple(f"⟦{text}⟧" for text in ids)[: catalog.num_plurals]
                catalog.add(message.id, strings if plural else strings[0])
        place = folder / locale / "LC_MESSAGES"
        place.mkdir(parents=True)
        with (place / "messages.mo").open("wb") as file:
            write_mo(file, catalog)
    return folder


@pytest.fixture(autouse=True)
def catalogues_read_anew(app):
    """Catalogues are kept for the life of the process: other tests must not meet the nonsense."""
    babel.domain_instance.cache.clear()
    yield
    babel.domain_instance.cache.clear()


def walk(app, username):
    """Every kind of page `username` can reach by links, a few of each kind."""
    browser = app.test_client()
    answer = browser.post("/login", data={"username": username, "password": PASSWORD})
    assert answer.status_code == 303
    todo, seen, kinds = ["/", "/nowhere"], set(), {}
    adapter = app.url_map.bind("localhost")
    while todo:
        url = todo.pop(0)
        parts = urlsplit(url)
        if url in seen or NOT_PAGES.search(parts.path):
            continue
        seen.add(url)
        kind = "missing" if parts.path == "/nowhere" else adapter.match(parts.path)[0]
        kinds[kind] = kinds.get(kind, 0) + 1
        if kinds[kind] > PER_ENDPOINT:
            continue
        answer = browser.get(url, follow_redirects=True)
        assert answer.status_code in (200, 404) or kind == "missing", (url, answer.status_code)
        page = Words()
        page.feed(answer.get_data(as_text=True))
        todo += page.links
        yield url, page.found
    assert len(kinds) > 3, kinds


PEOPLE = ("op1", "lead", "sup", "qa", "rights", "rights.head", "admin", "auditor")


def test_no_page_has_a_word_that_was_never_translated(with_demo, app, clock, nonsense):
    app.config["WTF_CSRF_ENABLED"] = False
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(nonsense)
    app.extensions["babel"].translation_directories = [str(nonsense)]
    left = {}
    for username in PEOPLE:
        for url, found in walk(app, username):
            for line in found:
                left.setdefault(line, f"{username} {url}")
    assert not left, "\n".join(f"{line}   ({where})" for line, where in left.items())


def test_strangers_see_translated_pages_too(app, nonsense):
    app.extensions["babel"].translation_directories = [str(nonsense)]
    for url in ("/login", "/nowhere", "/setup"):
        page = Words()
        page.feed(app.test_client().get(url).get_data(as_text=True))
        assert page.found == [], url


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_sentence_of_the_code_has_its_translation(locale):
    with (ROOT / f"translations/{locale}/LC_MESSAGES/messages.po").open("rb") as file:
        catalog = read_po(file, locale=locale)
    assert len(catalog) > 500
    empty = [m.id for m in catalog if m.id and not all(m.string if m.pluralizable else [m.string])]
    assert locale == "en" or not empty, empty


def test_the_people_of_the_demo_are_there(with_demo, app):
    assert set(PEOPLE) <= set(db.session.scalars(db.select(User.username)))
