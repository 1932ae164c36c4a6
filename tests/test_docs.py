"""The docs say what is so: the drawing is of the table, every link leads somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
CODE = re.compile(r"`((?:hotline|models|templates|tests|scripts|docs|static)/[\w./-]*)`")


def test_the_lifecycle_page_is_drawn_from_the_table():
    drawn = subprocess.run(
        [sys.executable, ROOT / "scripts/draw-lifecycle", "--check"], check=False
    )
    assert drawn.returncode == 0, "run scripts/draw-lifecycle"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_every_named_file_is_there(page):
    text = page.read_text(encoding="utf-8")
    links = [
        link for link in LINK.findall(text) if "://" not in link and not link.startswith("mailto:")
    ]
    missing = [link for link in links if not (page.parent / link).exists()]
    missing += [name for name in CODE.findall(text) if not (ROOT / name).exists()]
    assert not missing, f"{page.name} names {missing}"


def test_decisions_are_numbered_without_gaps():
    numbers = sorted(int(p.name[:4]) for p in (ROOT / "docs/decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
