"""The open tickets that departments hold when the demo starts."""

from datetime import datetime, timedelta

from hotline.calendars import queries as calendars
from hotline.demo import more_time
from hotline.demo.book import NumberOf, Row
from hotline.demo.cast_hotline import MINUTE, matter
from hotline.demo.courses import taken, written
from hotline.demo.matters import WOMEN
from hotline.demo.people import ZONE
from hotline.demo.story import Story
from hotline.demo.texts import remarks
from hotline.demo.world import Guest, World
from hotline.handoffs import words
from hotline.sla import business_time, deadlines, policies
from models import (
    CallbackEnd,
    CallbackKind,
    CallerKind,
    Collective,
    Handoff,
    Outcome,
    Resolution,
    Source,
    TicketStatus,
    Urgency,
)

SITE = "澜庭三期工地"
CALLERS_AT_THE_SITE = 14
# When the hotline or the caller asked the department again, and with which words.
CHASERS = ((10, True, "来电人明天要来窗口，请今天给个准话。"), (15, False, ""))
# Category, question, department, working days ago, accepted?
AT_WORK = (
    ("founding_policy", 0, "org", 0, True),  # an HR manager
    ("election_steps", 0, "org", 1, True),  # the chair of a grassroots union
    ("hardship_file", 0, "service", 2, True),
    ("innovation_studio", 0, "economy", 1, True),
    ("counselling", 0, "publicity", 1, True),
    ("suggestions", 1, "office", 2, True),
    ("funds_refund", 0, "finance", 2, True),
    ("founding_refused", 1, "org", 4, True),
    ("insurance_unpaid", 1, "labour", 1, True),
    ("rest_station", 2, "hewan", 0, False),
    ("card_replace", 0, "service", 0, False),
    ("maternity_protection", 0, "women", 0, False),
    ("dismissal", 1, "rights", 3, True),
)


# Who of them asked for more time, and what became of it.
MORE_TIME = {
    "founding_refused": more_time.asked,
    "suggestions": more_time.granted,
    "funds_refund": more_time.refused,
    "dismissal": more_time.raised,
}


def write(world: World) -> None:
    """Tell them all."""
    for code, question, department, days_ago, accepted in AT_WORK:
        story = _handed_off(world, code, department, days_ago, question=question, accepted=accepted)
        if code in MORE_TIME:
            MORE_TIME[code](story)
        story.tell()
    _unaccepted(world)
    _return_to_decide(world)
    _callers_at_the_site(world)
    _confidential(world)
    _work_injury(world)
    _suspended(world)
    _from_12345(world)
    _waiting(world)
    _done_again(world)
    _half_time(world)
    _withdrawn(world)


def _handed_off(
    world: World,
    code: str,
    department: str,
    days_ago: int,
    *,
    question: int = 0,
    accepted: bool = True,
    source: Source = Source.PHONE,
) -> Story:
    """Taken by the hotline `days_ago`, given to a department; work goes on."""
    what = matter(world, code, question)
    at = _moment(world, days_ago)
    is_woman = code in WOMEN
    person = world.crowd.person(what.asked.who, what.topic.trade, is_woman=is_woman)
    guest = Guest.new(person, at)
    if source is Source.PHONE:
        story, operator, _ = taken(world, guest, at, what)
    else:
        story, operator = written(world, guest, at, what, source)
    unit = world.departments[department]
    handed_at = story.rows[-1]["at"] + MINUTE
    story.hand_off(handed_at, unit, operator)
    if accepted:
        story.accept(min(handed_at + 18 * MINUTE, world.start - 4 * MINUTE), world.handler_of(unit))
    return story


def _moment(world: World, days_ago: int) -> datetime:
    """Some time of that working day; 0 means lately."""
    if days_ago == 0:
        return world.latest_office_hour()
    return world.working_day(days_ago, 9, 40) + world.minutes(0, 300)


def _unaccepted(world: World) -> None:
    """Critical, so that the clock runs at any hour; nobody has accepted, nine minutes are left."""
    what, rights = matter(world, "unpaid_wages"), world.departments["rights"]
    handed_at = world.start + 9 * MINUTE - policies.span("handle_critical_minutes")
    at = handed_at - 9 * MINUTE
    guest = Guest.new(world.crowd.person(what.asked.who, what.topic.trade), at)
    story, operator, _ = taken(world, guest, at, what)
    story.ticket["urgency"] = Urgency.CRITICAL
    story.hand_off(handed_at, rights, operator)
    story.tell()


def _return_to_decide(world: World) -> None:
    """The finance office says that this is a claim on the mutual aid, not its duty."""
    story = _handed_off(world, "mutual_claim", "finance", 0, accepted=False)
    handed_at = story.rows[-1]["at"]
    asked_at = min(handed_at + 16 * MINUTE, world.start - 4 * MINUTE)
    better = world.departments["service"]
    handler = world.handler_of(world.departments["finance"])
    story.ask_return(asked_at, handler, remarks.RETURN_BASES[1], better)
    story.tell()


def _callers_at_the_site(world: World) -> None:
    """Fourteen workers of one building site, each with a ticket and a debt of their own."""
    rights, handler = world.departments["rights"], world.user("rights2")
    first_at = world.working_day(1, 9, 5)
    collective = Row(
        Collective,
        {
            "name": f"{SITE}欠薪",
            "created_at": first_at + 30 * MINUTE,
            "created_by_id": world.user("op2").id,
            "callers_count": CALLERS_AT_THE_SITE,
        },
    )
    world.book.add(collective)
    stories: list[Story] = []
    for number in range(CALLERS_AT_THE_SITE):
        what = matter(world, "construction_wages", number % 7)
        at = first_at + number * 17 * MINUTE
        guest = Guest.new(world.crowd.person(CallerKind.WORKER, "site", site=SITE), at)
        story, operator, call = taken(world, guest, at, what)
        story.ticket.values |= {"collective_id": collective, "is_supervised": True}
        if stories:
            linked_at = call["ended_at"] + timedelta(seconds=30)
            first = NumberOf(stories[0].ticket)
            story.fact("link", linked_at, operator, with_ticket=first)
        handed_at = call["ended_at"] + MINUTE
        story.hand_off(handed_at, rights, operator)
        story.accept(world.office_time(handed_at, 20 * MINUTE, 80 * MINUTE), handler)
        stories.append(story)
    for story in stories:
        story.tell()


def _confidential(world: World) -> None:
    """The department sees neither name nor number."""
    story = _handed_off(world, "harassment", "women", 2)
    story.ticket.values |= {
        "is_confidential": True,
        "safe_summary": "一名女职工反映在工作中受到骚扰，要求保密，由热线代为联系。",
    }
    story.tell()


def _work_injury(world: World) -> None:
    """The employer's thirty days run; our own limit has days left too."""
    story = _handed_off(world, "injury_recognition", "rights", 3, question=2)
    handler = story.handler
    at = world.working_day(1, 10, 20)
    story.note(
        at, handler, "事故发生第二十三天，单位申请期限还剩七天；已发提示函，逾期由工会代为申请。"
    )
    story.tell()


def _suspended(world: World) -> None:
    """Cannot be solved now: measures, a review date, and the caller knows."""
    story = _handed_off(world, "rest_station", "org", 8, question=2)
    at, supervisor = world.working_day(3, 15, 10), world.user("sup")
    review_on = world.start.astimezone(ZONE).date() + timedelta(days=11)
    measures = "选址报批中，已在附近网点设临时饮水点"
    story.ticket.values |= {
        "suspended_from": TicketStatus.ACCEPTED,
        "suspended_measures": measures,
        "review_on": review_on,
        "department_id": None,
        "owner_id": supervisor.id,
    }
    if story.handoff is not None:
        story.handoff.values |= {"paused_at": at}
    reason = "驿站选址须街道规划会议通过，本月内无法建成。"
    day, to = review_on.isoformat(), TicketStatus.SUSPENDED
    story.fact("suspend", at, supervisor, to=to, reason=reason, review_on=day, measures=measures)
    due_at = deadlines.tell_due(at)
    words = f"您反映的驿站目前还在报批，{measures}，我们会再把进展告诉您。"
    callback = story.promise(CallbackKind.TELL, at, due_at, words=words)
    rung_at = at + 50 * MINUTE
    story.attempt(callback, rung_at, world.user("op2"), Outcome.REACHED, remarks.REACHED[4])
    story.tell()


def _from_12345(world: World) -> None:
    """Sent by the city's line: an outer number, an outer deadline, a second debt."""
    source = Source.HOTLINE_12345
    story = _handed_off(world, "excess_hours", "rights", 1, source=source)
    day = story.ticket["opened_at"].astimezone(ZONE)
    story.ticket["outer_number"] = f"12345-{day:%Y%m%d}-0317"
    calendar = calendars.calendar_for(None)
    story.ticket["outer_due_at"] = business_time.add_working_days(world.start, 3, calendar)
    story.tell()


def _waiting(world: World) -> None:
    """One paper is missing; the clock stands still until the caller brings it."""
    story = _handed_off(world, "medical_refund", "service", 2, question=5)
    handler = story.handler
    at = world.working_day(1, 14, 30)
    until = deadlines.waiting_until_max(at, world.departments["service"])
    what = "异地住院的医保结算清单"
    story.ticket.values |= {
        "waiting_for": what,
        "waiting_since_at": at,
        "waiting_until_at": until,
    }
    if story.handoff is not None:
        due_at = story.handoff["handle_due_at"]
        moved = deadlines.moved_by_pause(due_at, at, until, world.departments["service"])
        story.handoff.values |= {"paused_at": at, "due_at": moved}
    story.fact("wait", at, handler, reason=what, until=until.isoformat(), has_told=True)
    story.tell()


def _done_again(world: World) -> None:
    """Twice the caller was not satisfied: supervised by itself."""
    story = _handed_off(world, "wage_deduction", "rights", 7)
    handler, department = story.handler, world.departments["rights"]
    how = matter(world, "wage_deduction").topic.handled[0]
    for days_ago in (5, 2):
        answered_at = world.working_day(days_ago, 11)
        story.answer(answered_at, handler, how)
        due_at = deadlines.tell_due(answered_at)
        callback = story.promise(CallbackKind.TELL, answered_at, due_at)
        rung_at, operator = answered_at + 190 * MINUTE, world.user("op2")
        words = remarks.DISSATISFIED[0 if days_ago == 5 else 2]
        story.attempt(callback, rung_at, operator, Outcome.REACHED, words)
        by = operator if days_ago == 5 else world.user("sup")
        story.rework(rung_at + 5 * MINUTE, by, department, words)
    story.fact("raise", story.rows[-1]["at"], because="reworks")
    told = [handler.id]
    for count, (hour, by_hotline, words) in enumerate(CHASERS, start=1):
        at, operator = world.working_day(1, hour, 20), world.user("op2")
        story.fact(
            "chase", at, operator, reason=words, by_hotline=by_hotline, count=count, told=told
        )
        told = [handler.id, world.user("rights.head").id]
        story.ticket["chased_count"] = count
    story.tell()


def _half_time(world: World) -> None:
    """Half of fifteen working days has passed: the caller is owed a word of how far it is."""
    story = _handed_off(world, "labour_supervision", "rights", 9)
    at, department = world.working_day(1, 9, 5), world.departments["rights"]
    handoff = next(row for row in story.rows if row.model is Handoff)
    sentence = words.still(department, handoff["handle_due_at"])
    story.fact("progress", at, handoff=handoff, because="")
    story.promise(CallbackKind.TELL, at, deadlines.tell_due(at), words=sentence)
    story.tell()


def _withdrawn(world: World) -> None:
    """Closed lately in the caller's own words, while the department worked on it."""
    story = _handed_off(world, "unpaid_wages", "rights", 4, question=2)
    operator = world.user("op2")
    call = story.rings(world.working_day(2, 11, 10), by=operator, lasts=timedelta(seconds=80))
    story.close(
        call["ended_at"],
        operator,
        Resolution.WITHDRAWN,
        told=remarks.WITHDRAWN[0],
        action="withdraw",
        end=CallbackEnd.NOT_NEEDED,
        call_id=call,
    )
    story.tell()
