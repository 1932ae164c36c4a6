"""A supervisor looks for 工资 and finds every ticket that says so, and none that does not."""

import pytest
from sqlalchemy import select

from hotline import clock as clock_module
from hotline.handoffs import service as handoffs
from hotline.tickets import search
from hotline.tickets.filters import Asked, Filter, conditions
from hotline.unit_of_work import unit_of_work
from models import Role, Ticket, db
from tests.makers import make_category, make_department, make_ticket, make_user

QUESTIONS = {
    "wages": "工地拖欠工资三个月，老板说没钱",
    "injury": "上班路上摔伤，能不能算工伤赔偿",
    "card": "互助服务卡丢了怎么补办 VIP卡",
    "pay": "高温津贴按什么标准发",
}


@pytest.fixture
def operator(app, clock):
    return make_user(Role.OPERATOR)


@pytest.fixture
def tickets(operator):
    category = make_category(name_zh="其他事项", name_en="Other")
    return {
        name: make_ticket(
            operator=operator,
            category=category,
            question=question,
            phone=f"1391234567{i}",
            caller_name=f"{'王李张赵'[i]}建国",
        )
        for i, (name, question) in enumerate(QUESTIONS.items())
    }


def found(viewer, **wanted):
    query = select(Ticket).where(*conditions(Filter(**wanted), Asked(viewer, clock_module.now())))
    return {ticket.id for ticket in db.session.scalars(query)}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("工资", {"wages"}),
        ("拖欠工资", {"wages"}),
        ("欠", {"wages"}),
        ("工伤赔偿", {"injury"}),
        ("赔偿", {"injury"}),
        ("工", {"wages", "injury"}),
        ("伤赔", {"injury"}),
        ("欠资", set()),  # both characters are there, but not together
        ("津贴 标准", {"pay"}),
        ("标准 津贴", {"pay"}),
        ("工资 津贴", set()),
        ("vip", {"card"}),
        ("ＶＩＰ", {"card"}),
        ("李建国", {"injury"}),
        ("建国", {"wages", "injury", "card", "pay"}),
    ],
)
def test_words_of_any_length_are_found(tickets, operator, words, expected):
    assert found(operator, q=words) == {tickets[name].id for name in expected}


@pytest.mark.parametrize("typed", ["13912345671", "139 1234 5671", "+86 13912345671", "345671"])
def test_a_telephone_number_is_found_as_people_write_it(tickets, operator, typed):
    assert found(operator, q=typed) == {tickets["injury"].id}


def test_more_than_four_last_digits_are_all_looked_at(tickets, operator):
    assert found(operator, q="5671") == found(operator, q="2345671") == {tickets["injury"].id}
    assert found(operator, q="9345671") == set()


def test_a_ticket_number_is_found_whole_and_by_its_last_digits(tickets, operator):
    number = tickets["card"].number
    assert found(operator, q=number) == {tickets["card"].id}
    assert tickets["card"].id in found(operator, q=number[-4:])


@pytest.mark.parametrize(
    "words", ['"', "AND", "工资*", "' OR 1=1", "NEAR(", "a:b", "\\", "%", "&|!"]
)
def test_signs_of_a_query_language_are_only_signs(tickets, operator, words):
    assert found(operator, q=words) <= {ticket.id for ticket in tickets.values()}


def test_a_whole_ticket_number_finds_that_ticket_alone(tickets, operator, clock):
    number = tickets["card"].number
    clock.advance(days=1)
    namesake = make_ticket(operator=operator, question="隔天同号")
    with unit_of_work():
        namesake.number = f"20991231-{number[-4:]}"
        search.index(namesake)

    assert found(operator, q=number) == {tickets["card"].id}
    assert found(operator, q=number[-4:]) >= {tickets["card"].id, namesake.id}


def test_the_query_code_a_caller_says_finds_the_ticket(tickets, operator):
    with unit_of_work():
        tickets["card"].query_code = "9876"

    assert found(operator, q="9876") == {tickets["card"].id}


def test_what_is_changed_is_found_anew(tickets, operator):
    with unit_of_work():
        ticket = db.session.get_one(Ticket, tickets["wages"].id)
        ticket.question = "想加入工会"
        search.index(ticket)
    assert found(operator, q="工资") == set()
    assert found(operator, q="加入工会") == {tickets["wages"].id}


def test_telephone_numbers_in_the_text_are_not_indexed(operator):
    ticket = make_ticket(
        operator=operator,
        category=make_category(),
        question="老板电话13800138000，身份证110101199003070000",
    )
    document = db.session.get_one(search.SearchDocument, ticket.id)
    assert "13800138000" not in document.body + document.tokens
    assert "199003070000" not in document.body + document.tokens


def test_a_department_finds_only_its_own(tickets):
    stranger = make_user(Role.HANDLER, department=make_department("finance"))
    assert found(stranger, q="工资") == set()


def test_of_a_confidential_ticket_neither_name_nor_number_finds_anything(tickets, operator):
    with unit_of_work():
        ticket = db.session.get_one(Ticket, tickets["wages"].id)
        ticket.is_confidential = True
        search.index(ticket)
    reviewer = make_user(Role.REVIEWER)
    assert tickets["wages"].id not in found(reviewer, q="王建国")
    assert found(reviewer, q="13912345670") == set()
    assert found(operator, q="13912345670") == {tickets["wages"].id}
    assert tickets["wages"].id in found(operator, q="拖欠工资")


def test_who_may_not_know_the_caller_cannot_guess_the_words_of_a_confidential_ticket(operator):
    """Whoever may search in words one must not read, finds out a name sign by sign."""
    legal = make_department("legal")
    handler = make_user(Role.HANDLER, department=legal)
    reviewer = make_user(Role.REVIEWER)
    ticket = make_ticket(
        operator=operator, category=make_category(lead=legal), question="欧阳建国在恒岳电子被欠薪"
    )
    with unit_of_work():
        ticket.is_confidential, ticket.safe_summary = True, "一家企业欠薪"
        handoffs.hand_off(ticket, legal, actor=operator, at=clock_module.now())
    for words in ("欧", "欧阳", "恒岳电子"):
        assert found(handler, q=words) == found(reviewer, q=words) == set()
        assert found(operator, q=words) == {ticket.id}
    assert found(handler, q=ticket.number) == {ticket.id}
