"""How a test asks for a report and opens the links of its page."""

import re
from datetime import date, timedelta
from html import unescape

from hotline.figures.period import Period
from hotline.figures.sources import Scope


def scope_of(weeks, clock, first=date(2026, 11, 18), days=45, **more):
    whole = Period(first, first + timedelta(days - 1))
    return Scope(whole, weeks["supervisor"], clock.time, **more)


NEXT = r'href="(/reports/behind[^"]*after=[^"]*)"[^>]*>(?:<svg[^>]*>.*?</svg>)?<span>下一页'
LINK = re.compile(
    r'<a class="hy-num" href="(/reports/behind[^"]*)"(?: title="(\d+) / \d+")?>([^<]+)<'
)


def rows_behind(browser, url):
    """All rows of all pages behind a link, and the number in the heading."""
    tickets, first, number = 0, True, None
    while url:
        page = browser.get(unescape(url))
        assert page.status_code == 200
        if first:
            number = int(re.search(r'id="behind-number">(\d+)<', page.text)[1])
            first = False
        tickets += len(re.findall(r'<td class="hy-nowrap"><a [^>]*href="/tickets/\d+"', page.text))
        after = re.search(NEXT, page.text)
        url = after[1] if after else ""
    return tickets, number


def taken_away(browser, path, **asked):
    """A file to its end: until then nobody gets a second one."""
    with browser.post(path, data=asked) as answer:
        assert answer.status_code == 200
        return answer.data
