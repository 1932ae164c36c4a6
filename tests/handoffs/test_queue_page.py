"""The department's queue page and the hotline's views of what is at departments."""

import re

import pytest

from hotline import clock as clock_module
from hotline.handoffs import service as handoffs
from hotline.unit_of_work import unit_of_work
from models import ReturnReason, Role, TicketStatus, Urgency
from tests.handoffs.house import accept, answer, hand_off, make_house, set_ticket, suspend
from tests.makers import make_department, make_ticket, make_user


@pytest.fixture
def house(app, clock):
    house = make_house()
    hand_off(house, note="请核实欠薪月份")
    return house


def read(browser, path):
    answered = browser.get(path)
    assert answered.status_code == 200
    return answered.get_data(as_text=True)


def test_accepted_in_one_click_from_the_queue(house, sign_in):
    browser = sign_in(house.handler)
    html = read(browser, "/queue")
    assert house.ticket.number in html
    assert "请核实欠薪月份" in html
    version = re.search(r'name="version" value="(\d+)"', html).group(1)

    answered = browser.post(
        f"/tickets/{house.ticket.id}/accept", data={"version": version, "back": "queue"}
    )

    assert answered.headers["Location"].endswith("/queue")
    assert house.ticket.status is TicketStatus.ACCEPTED
    assert house.ticket.number not in read(browser, "/queue")
    assert house.ticket.number in read(browser, "/queue?tab=work")


def test_the_answer_form_is_one_click_away_and_leads_back(house, sign_in):
    browser = sign_in(house.handler)
    (url,) = set(re.findall(r'href="(/tickets/\d+/answer\?back=queue)"', read(browser, "/queue")))
    assert 'name="back" value="queue"' in read(browser, url)


def test_each_tab_holds_what_it_says(house, sign_in):
    browser = sign_in(house.handler)

    def tabs():
        words = ("accept", "work", "return", "assist", "earlier")
        return [tab for tab in words if house.ticket.number in read(browser, f"/queue?tab={tab}")]

    assert tabs() == ["accept"]
    with unit_of_work():
        handoffs.ask_return(
            house.ticket,
            actor=house.handler,
            at=clock_module.now(),
            reason=ReturnReason.NOT_OUR_DUTY,
            basis="三定方案",
        )
    assert tabs() == ["accept", "return"]
    accept(house)
    assert tabs() == ["work", "return"]
    answer(house)
    assert tabs() == ["earlier"]
    assert "/answer?" not in read(browser, "/queue?tab=earlier")


def test_what_is_suspended_waits_in_no_tab(house, sign_in):
    accept(house)
    browser = sign_in(house.handler)
    assert house.ticket.number in read(browser, "/queue?tab=work")
    suspend(house)
    for tab in ("accept", "work", "return", "assist", "earlier"):
        assert house.ticket.number not in read(browser, f"/queue?tab={tab}")


def test_who_assists_finds_it_beside(house, sign_in):
    with unit_of_work():
        handoffs.ask_assist(
            house.ticket, house.women, actor=house.operator, at=clock_module.now(), note="核实专项"
        )
    browser = sign_in(house.women_handler)
    assert house.ticket.number not in read(browser, "/queue")
    html = read(browser, "/queue?tab=assist")
    assert f"/tickets/{house.ticket.id}/assist_answer?back=queue" in html
    assert "核实专项" in html


def test_a_keeper_finds_the_unit_without_users_in_the_own_queue(house, sign_in):
    street = make_department("street", name_zh="云锦街道总工会", keeper_id=house.head.id)
    ticket = make_ticket(phone="13800002222")
    with unit_of_work():
        handoffs.hand_off(ticket, street, actor=house.operator, at=clock_module.now())
    assert "云锦街道总工会" in read(sign_in(house.head), "/queue")
    assert "云锦街道总工会" not in read(sign_in(house.handler), "/queue")


def test_what_is_late_stands_out_and_first(house, sign_in, clock):
    clock.advance(hours=1)
    later = make_ticket(phone="13800002222")
    with unit_of_work():
        handoffs.hand_off(later, house.legal, actor=house.operator, at=clock.time)
    clock.advance(minutes=70)
    html = read(sign_in(house.handler), "/queue")
    assert html.index(house.ticket.number) < html.index(later.number)
    assert html.count("hy-overdue") == 1
    assert "已超时" in html


def test_a_critical_matter_comes_before_an_ordinary_one(house, sign_in, clock):
    clock.advance(minutes=5)
    critical = make_ticket(phone="13800002222")
    set_ticket(critical, urgency=Urgency.CRITICAL)
    clock.advance(minutes=-20)
    with unit_of_work():
        handoffs.hand_off(critical, house.legal, actor=house.operator, at=clock.time)
    html = read(sign_in(house.handler), "/queue")
    assert html.index(critical.number) < html.index(house.ticket.number)


def test_the_hotline_decides_a_return_from_its_list(house, sign_in):
    with unit_of_work():
        handoffs.ask_return(
            house.ticket,
            actor=house.handler,
            at=clock_module.now(),
            reason=ReturnReason.NOT_OUR_AREA,
            basis="企业在外区",
            better=house.women,
        )
    browser = sign_in(house.operator)
    html = read(browser, "/returns")
    assert "企业在外区" in html
    form = read(browser, f"/tickets/{house.ticket.id}/send_back?back=returns")
    version = re.search(r'name="version" value="(\d+)"', form).group(1)
    answered = browser.post(
        f"/tickets/{house.ticket.id}/send_back", data={"version": version, "back": "returns"}
    )
    assert answered.headers["Location"].endswith("/returns")
    assert house.ticket.number not in read(browser, "/returns")
    # The next hand-off proposes the department that was named.
    assert f'value="{house.women.id}" translate="no" selected' in read(
        browser, f"/tickets/{house.ticket.id}/hand_off"
    )


def test_unsigned_and_overdue(house, sign_in, clock):
    browser = sign_in(house.supervisor)
    assert house.ticket.number in read(browser, "/unaccepted")
    assert house.ticket.number not in read(browser, "/overdue")
    clock.advance(minutes=29)
    browser.get("/returns")  # keeps the session alive
    clock.advance(minutes=29)
    accept(house)
    assert house.ticket.number not in read(browser, "/unaccepted")
    clock.advance(days=20)
    late = read(sign_in(house.supervisor), "/overdue")
    assert house.ticket.number in late


@pytest.mark.parametrize("path", ["/returns", "/unaccepted", "/overdue"])
def test_the_hotlines_views_are_not_for_departments(house, sign_in, path):
    assert sign_in(house.handler).get(path).status_code == 403


def test_the_queue_is_not_for_operators(house, sign_in):
    assert sign_in(house.operator).get("/queue").status_code == 403


def test_a_full_queue_costs_no_more_questions_than_a_short_one(house, sign_in, count_queries):
    set_ticket(house.ticket, is_confidential=True, safe_summary="反映欠薪")
    browser = sign_in(house.handler)
    read(browser, "/queue")
    count_queries.clear()
    read(browser, "/queue")
    short = len(count_queries)
    for number in range(8):
        ticket = make_ticket(phone=f"1380000{number:04d}", caller_name=f"来电{number}")
        with unit_of_work():
            handoffs.hand_off(ticket, house.legal, actor=house.operator, at=clock_module.now())
            ticket.is_confidential = bool(number % 2)
    count_queries.clear()
    read(browser, "/queue")
    assert len(count_queries) == short <= 8


def test_everybody_reads_the_buttons_in_their_own_language(house, sign_in):
    chinese = make_user(Role.HANDLER, department=house.legal, locale="zh")
    english = make_user(Role.HANDLER, department=house.legal, locale="en")
    assert ">签收<" in read(sign_in(chinese), "/queue")
    page = read(sign_in(english), "/queue")
    assert ">Accept<" in page
    assert "签收" not in page
