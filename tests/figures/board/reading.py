"""How a test reads the board and the lists behind it."""

import re
from html import unescape

from hotline.figures import board
from hotline.tickets.filters import Asked
from models import Role, db
from tests.makers import make_user

LINK = re.compile(r'href="(/calls/list\?[^"]*)"[^>]*>([\d.]+)(%?)<')
ROW = re.compile(r'class="hy-num" href="/tickets/\d+"')


def board_now(clock, viewer=None):
    db.session.rollback()
    asked = Asked(viewer or make_user(Role.SUPERVISOR), clock())
    return board.read(asked.at, asked.tomorrow, viewer)


def rows_behind(browser, url):
    """How many rows a list of calls has, through all its pages."""
    found = 0
    while url:
        page = browser.get(url).get_data(as_text=True)
        found += len(ROW.findall(page))
        following = re.search(r'href="(/calls/list\?[^"]*after=[^"]*)"', page)
        url = unescape(following[1]) if following else ""
    return found
