"""What cannot be done now says in which state the ticket is."""

import pytest

from tests.handoffs.house import accept, hand_off, make_house


@pytest.fixture
def house(app, clock):
    return make_house()


def test_a_verb_that_came_too_late_says_where_the_ticket_is_now(house, sign_in):
    browser = sign_in(house.operator)
    url = f"/tickets/{house.ticket.id}/hand_off"
    form = {"version": house.ticket.version, "department": house.women.id, "level": "ordinary"}
    hand_off(house)

    page = browser.get(url, follow_redirects=True).text
    assert "现在不能这样操作：工单目前是“待签收”。" in page

    accept(house)
    form["version"] = house.ticket.version
    answer = browser.post(url, data=form)
    assert answer.status_code == 409
    assert f"现在不能这样操作：工单{house.ticket.number}目前是“办理中”。" in answer.text
