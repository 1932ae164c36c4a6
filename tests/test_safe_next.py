"""After a form people come back to a page of ours, whatever the address says."""

import pytest

from hotline.safe_next import safe_next


@pytest.mark.parametrize("target", ["/", "/tickets/17", "/tickets?q=工资&after=3", "/a/b#c"])
def test_a_page_of_ours(target):
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "target",
    [
        "",
        "tickets",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "https:/evil.example",
        "javascript:alert(1)",
        "/\tevil",
        "/\n/evil.example",
        "http://[",
        "//[",
    ],
)
def test_anything_else_leads_home(target):
    assert safe_next(target) == "/"
