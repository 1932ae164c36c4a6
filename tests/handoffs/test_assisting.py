"""Other departments help; the lead's answer does not wait for them."""

import pytest
from sqlalchemy import select

from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.handoffs import extension_jobs, extensions, jobs, queries
from hotline.handoffs import service as handoffs
from hotline.handoffs.queries import Tab
from hotline.unit_of_work import unit_of_work
from models import Callback, HandoffEnd, Notification, Ticket, TicketStatus, db
from tests.handoffs.house import accept, answer, at, hand_off, make_house, speak


@pytest.fixture
def house(app, clock):
    house = make_house()
    hand_off(house)
    accept(house)
    return house


def ask(house, clock, by=None, note="请核实是否为女职工专项"):
    with unit_of_work():
        return handoffs.ask_assist(
            house.ticket, house.women, actor=by or house.operator, at=clock.time, note=note
        )


def assist(house, handoff, clock, by=None, text="已核实"):
    with unit_of_work():
        return handoffs.assist_answer(handoff, text, actor=by or house.women_handler, at=clock.time)


def test_it_is_in_the_queue_of_who_assists_with_a_limit_of_its_own(house, clock):
    handoff = ask(house, clock)
    (waiting,) = queries.queue_of(house.women_handler, Tab.ASSIST).handoffs
    assert (waiting.id, waiting.due_at) == (handoff.id, handoff.handle_due_at)
    assert queries.queue_of(house.women_handler, Tab.ACCEPT).handoffs == []


def test_the_answer_goes_to_the_lead(house, clock):
    handoff = ask(house, clock, by=house.head)
    assist(house, handoff, clock)
    assert (handoff.end, handoff.report) == (HandoffEnd.ANSWERED, "已核实")
    heard = select(Notification.user_id).where(
        Notification.dedupe_key.startswith("handoff_assisted")
    )
    assert db.session.scalars(heard).all() == [house.handler.id]


def test_the_lead_does_not_wait(house, clock):
    handoff = ask(house, clock)
    answer(house)
    assert house.ticket.status is TicketStatus.ANSWERED
    assert [open_one.id for open_one in queries.assists_of(house.ticket)] == [handoff.id]
    assist(house, handoff, clock)
    assert queries.assists_of(house.ticket) == []


def test_who_assists_may_not_answer_for_the_lead(house, clock):
    ask(house, clock)
    with pytest.raises(Forbidden):
        answer(house, by=house.women_handler)


def test_who_leads_may_not_answer_for_who_assists(house, clock):
    handoff = ask(house, clock)
    with pytest.raises(Forbidden):
        assist(house, handoff, clock, by=house.handler)


def test_help_is_asked_once_of_somebody_else_and_for_something(house, clock):
    with pytest.raises(Invalid) as refused:
        ask(house, clock, note=" ")
    assert refused.value.field == "note"
    ask(house, clock)
    with pytest.raises(Invalid, match="assists already"):
        ask(house, clock)
    with pytest.raises(Invalid, match="leads already"), unit_of_work():
        handoffs.ask_assist(
            house.ticket, house.legal, actor=house.operator, at=clock.time, note="帮忙"
        )


def test_who_becomes_the_lead_stops_assisting(house, clock):
    assisting = ask(house, clock)
    with unit_of_work():
        handoffs.recall(house.ticket, actor=house.operator, at=clock.time, reason="换部门")
    with unit_of_work():
        handoffs.hand_off(house.ticket, house.women, actor=house.operator, at=clock.time)
    assert assisting.end is HandoffEnd.RECALLED
    with pytest.raises(TransitionRefused):
        assist(house, assisting, clock)


def test_a_question_reaches_the_hotline(house, clock):
    with unit_of_work():
        handoffs.ask_hotline(
            house.ticket, actor=house.handler, at=clock.time, question="来电人有无合同"
        )
    heard = select(Notification.user_id).where(
        Notification.dedupe_key.startswith("ticket_question")
    )
    assert db.session.scalars(heard).all() == [house.supervisor.id]  # nobody is on duty
    assert house.ticket.status is TicketStatus.ACCEPTED


def ask_for_time(house, handoff, clock, until="2026-11-26 17:30", by=None):
    with unit_of_work():
        return handoffs.ask_extension(
            house.ticket,
            actor=by or house.women_handler,
            at=clock.time,
            until=at(until),
            reason="需走访三家企业",
            handoff=handoff,
        )


def grant(house, handoff, clock):
    with unit_of_work():
        return handoffs.grant_extension(
            house.ticket, actor=house.supervisor, at=clock.time, handoff=handoff
        )


def heard(key):
    found = select(Notification.user_id).where(Notification.dedupe_key.startswith(key))
    return set(db.session.scalars(found))


def test_who_assists_gets_more_time_for_itself_and_the_caller_hears_of_the_lead(house, clock):
    speak(house.ticket)
    promised = house.ticket.promised_at
    assisting, leading = ask(house, clock), queries.lead_of(house.ticket)
    asked = ask_for_time(house, assisting, clock)
    assert heard("extension_asked") == {house.supervisor.id}
    (listed,) = queries.extensions_to_decide(house.supervisor).handoffs
    assert (listed.id, extensions.undecided(listed)) == (assisting.id, asked)

    limit = leading.handle_due_at
    grant(house, assisting, clock)
    assert assisting.handle_due_at == assisting.due_at == at("2026-11-26 17:30")
    assert leading.handle_due_at == limit, "the lead keeps its own"
    assert heard("assist_extended") == {house.handler.id}
    assert heard("extension_decided") == {house.women_handler.id}
    assert extension_jobs.owe_dates_nobody_tells() == 0
    assert db.session.scalars(select(Callback)).all() == [], "no ring: the caller's date holds"
    assert db.session.get_one(Ticket, house.ticket.id).promised_at == promised

    clock.set(at("2026-11-24 09:00"))  # after the old limit
    jobs.remind_departments_to_answer()
    assert house.women_handler.id not in heard("remind_answer")


def test_who_assists_asks_before_its_limit(house, clock):
    assisting = ask(house, clock)
    clock.set(at("2026-11-23 17:31"))
    with pytest.raises(TransitionRefused, match="over"):
        ask_for_time(house, assisting, clock)


def test_who_assists_asks_once_whatever_became_of_it(house, clock):
    assisting = ask(house, clock)
    with pytest.raises(Invalid):
        ask_for_time(house, assisting, clock, until="2026-12-01 17:30")  # more than as much again
    ask_for_time(house, assisting, clock)
    with unit_of_work():
        handoffs.refuse_extension(
            house.ticket,
            actor=house.supervisor,
            at=clock.time,
            reason="先给初步意见",
            handoff=assisting,
        )
    assert assisting.handle_due_at == at("2026-11-23 17:30")
    with pytest.raises(TransitionRefused, match="once"):
        ask_for_time(house, assisting, clock)


def test_nobody_asks_for_the_time_of_another_department(house, clock):
    assisting = ask(house, clock)
    with pytest.raises(Forbidden):
        ask_for_time(house, assisting, clock, by=house.handler)
    with pytest.raises(Forbidden):
        ask_for_time(house, queries.lead_of(house.ticket), clock)


def test_lead_and_assistant_ask_and_each_is_decided_alone(house, clock, sign_in):
    assisting, leading = ask(house, clock), queries.lead_of(house.ticket)
    helper, lead = sign_in(house.women_handler), sign_in(house.handler)
    boss, url = sign_in(house.supervisor), f"/tickets/{house.ticket.id}"

    def post(browser, verb, **typed):
        db.session.expire_all()
        version = db.session.get_one(Ticket, house.ticket.id).version
        sent = browser.post(f"{url}/{verb}", data={"version": version, **typed})
        assert sent.status_code == 303, sent.text

    queue = helper.get("/queue?tab=assist").text
    assert f"{url}/ask_extension?back=queue&amp;handoff={assisting.id}" in queue
    form = helper.get(f"{url}/ask_extension").text
    assert "主办单位的时限不变" in form
    post(helper, "ask_extension", until="2026-11-25", reason="需走访三家企业")
    post(lead, "ask_extension", until="2026-11-26", reason="调取工资流水")

    page = boss.get(url).text
    for one in (assisting, leading):
        assert f"{url}/grant_extension?handoff={one.id}" in page
    form = boss.get(f"{url}/grant_extension?handoff={assisting.id}").text
    assert 'value="2026-11-25"' in form
    assert "不变动" in form
    post(boss, "grant_extension", until="2026-11-25", handoff=assisting.id)
    db.session.expire_all()
    assert assisting.handle_due_at == at("2026-11-25 17:30")
    assert extensions.undecided(leading) is not None
    post(boss, "refuse_extension", reason="流水本周可取", handoff=leading.id)
    assert "未同意延期" in lead.get("/queue?tab=work").text
    assert "已延期" in helper.get("/queue?tab=assist").text
    assert house.ticket.number not in boss.get("/extensions").text


def test_the_list_of_tickets_finds_who_assists_and_asks_for_time(house, clock, sign_in):
    assisting = ask(house, clock)
    boss, asked = sign_in(house.supervisor), "/tickets?state=extension_asked"
    assert house.ticket.number not in boss.get(asked).text
    ask_for_time(house, assisting, clock)
    assert house.ticket.number in boss.get(asked).text
    answer(house)  # the lead does not wait: nobody decides any more
    for page in (asked, "/extensions"):
        assert house.ticket.number not in boss.get(page).text
