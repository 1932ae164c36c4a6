"""What we ship of others is what we say we ship, and every icon that is used exists."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
ROW = re.compile(
    r"^\| `(.+)` \| (.+) \| (.+) \| (MIT|0BSD|Apache-2.0) \| `([0-9a-f]{64})` \|$", re.M
)
LISTED = {
    name: digest
    for name, *_, digest in ROW.findall((STATIC / "vendor" / "VENDORED.md").read_text())
}
BY_HAND = {"vendor/VENDORED.md", "vendor/tabler/LICENSE"}


@pytest.mark.parametrize("name", sorted(LISTED))
def test_a_vendored_file_is_unchanged(name):
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == LISTED[name]


def test_every_vendored_file_is_listed():
    there = {
        p.relative_to(STATIC).as_posix() for p in (STATIC / "vendor").rglob("*") if p.is_file()
    }
    assert there - BY_HAND == set(LISTED) - {"icons.svg"}


def test_every_vendored_file_is_used():
    pages = "".join(page.read_text() for page in (ROOT / "templates").rglob("*.html"))
    code = {name for name in LISTED if name.endswith((".js", ".css"))}
    assert {name for name in code if f"filename='{name}'" not in pages} == set()


def test_every_package_comes_with_its_licence():
    for folder in (p for p in (STATIC / "vendor").iterdir() if p.is_dir()):
        assert (folder / "LICENSE").is_file(), folder


def test_every_icon_that_is_used_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="i-([a-z0-9-]+)"', (STATIC / "icons.svg").read_text()))
    pages = [
        *(ROOT / "templates").rglob("*.html"),
        *STATIC.glob("*.js"),
        *STATIC.glob("js/**/*.js"),
    ]
    used = {
        (icon, page.relative_to(ROOT).as_posix())
        for page in pages
        for icon in re.findall(r"""(?:#i-|\bicon\(\s*['"])([a-z0-9-]+)""", page.read_text())
    }
    assert {(icon, page) for icon, page in used if icon not in drawn} == set()
