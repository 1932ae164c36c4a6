"""What is posted is followed by some part of a page, in the one shape that loses nothing."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = {path: path.read_text() for path in (ROOT / "templates").rglob("*.html")}
CODE = "".join(path.read_text() for path in (ROOT / "hotline").rglob("*.py"))


def test_every_kind_that_is_posted_is_followed_and_no_other():
    posted = set(re.findall(r'live_updates\.post\(\s*f?"[^"]+",\s*"(\w+)"', CODE))
    followed = " ".join(re.findall(r'live\.part\("([\w ]+)"', "".join(PAGES.values())))
    assert posted == set(followed.split())


def test_what_follows_stays_and_only_its_inside_is_swapped():
    """An element that listens and is itself replaced is deaf in between."""
    shape = ROOT / "templates/_macros/live.html"
    assert '"hx-swap": "innerHTML"' in PAGES[shape]
    for path in PAGES.keys() - {shape}:
        assert "from:body" not in PAGES[path], path
        assert "data-follows" not in PAGES[path], path
