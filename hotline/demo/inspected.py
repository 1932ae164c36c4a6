"""The quality inspection of the demo: last month drawn and mostly scored, appeals, answers to come.

Done by the services themselves, so that every sample can be drawn again.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from hotline.calendars import queries as calendars
from hotline.demo.world import World
from hotline.live_updates import service as live_updates
from hotline.quality import periods, queries, sampling, service, sheets
from hotline.quality.marks import Mark, Marks
from hotline.sla import business_time, months, policies
from models import Inspection, Notification, Population, Sample, User, Work, db

LEFT = 6  # sheets that the reviewer has still to fill in
# What was missing, by the work: the number of the criterion, the points it cost, and why.
LACKS = {
    Work.CALL: (
        ("1.1", 2, "开头没有报单位"),
        ("2.1", 4, "没有复述诉求，来电人说了两遍"),
        ("4.1", 5, "没有记下来电人单位的全称"),
        ("6.1", 5, "没有告诉来电人查询码"),
        ("3.1", 8, "会员与非会员的待遇没有分清"),
    ),
    Work.ANSWER: (
        ("1.1", 10, "来电人问了两件事，只答了一件"),
        ("1.2", 6, "大段引用文件，来电人听不懂"),
        ("3.2", 8, "没有写下一步怎么办"),
        ("4.1", 4, "没有写是谁、什么时候去核实的"),
    ),
    Work.CALLBACK: (
        ("1.1", 10, "没有核对姓名就说了办理结果"),
        ("2.1", 12, "没有说清什么时候落实"),
        ("3.2", 4, "意见是概括的，不是原话"),
    ),
}
BROKEN = {Work.CALL: "7.1", Work.ANSWER: "5.1", Work.CALLBACK: "4.2"}
RANG = "1.2"  # at the time agreed: all that can be said of rings that nobody answered
BROKEN_WORDS = "没有问能否向单位透露，保密要求没有记"
# Against what was missing on a call: the words of the operator, and what came of them.
APPEALS = {
    "1.1": ("录音一开头就报了单位，请再听一遍。", "录音属实，改判。"),
    "2.1": ("来电人急着挂断，来不及复述。", "挂断前有四十秒，维持。"),
}
WAITING_APPEAL = "都做到了，请对照录音和记录再看一遍。"
SOON, LATER = timedelta(hours=2), timedelta(minutes=30)


def write(world: World) -> None:
    """Draw, score and appeal until the moment at which the demo starts."""
    at = _drawing_day(world.start)
    month = months.at(at).before()
    _draw(Population.CLOSED, month.since, month.until, at, world, f"closed:{month.name}")
    _score(world, at)
    _appeal(world)
    since = world.start - periods.FIRST_REACH
    series = f"answers:{months.at(world.start).name}"
    _draw(Population.ANSWERS, since, world.start, world.start, world, series)
    _keep_quiet(world.start)


def _drawing_day(start: datetime) -> datetime:
    """The opening of the first working day of this month, or of the last one if that is to come."""
    month, calendar = months.at(start), calendars.calendar_for(None)
    opening = business_time.next_open(month.since, calendar)
    if opening <= start:
        return opening
    return business_time.next_open(month.before().since, calendar)


def _draw(
    population: Population,
    since: datetime,
    until: datetime,
    at: datetime,
    world: World,
    series: str,
) -> Sample:
    wanted = sampling.Wanted(
        population=population,
        since=since,
        until=until,
        percent=policies.get("sample_percent"),
        seed=f"{world.rng.getrandbits(64):016x}",
        series=series,
    )
    return service.draw(wanted, actor=None, at=at)


def _score(world: World, drawn_at: datetime) -> None:
    """All but the last ones, one after the other, until shortly before the start."""
    rows = list(db.session.scalars(select(Inspection).order_by(Inspection.id)))[:-LEFT]
    calendar = calendars.calendar_for(None)
    step = business_time.between(drawn_at, world.start, calendar) / (len(rows) + 1)
    for place, inspection in enumerate(rows, start=1):
        inspector = inspection.inspector
        if inspector is not None:
            marks = _marks(world, inspection, is_broken=place == len(rows) // 2)
            at = business_time.add(drawn_at, step * place, calendar)
            service.score(inspection, marks, actor=inspector, at=at)


def _marks(world: World, inspection: Inspection, *, is_broken: bool) -> Marks:
    criteria = sheets.criteria_of(inspection.sheet)
    by_key = {key: Mark(None if one.is_knock_out else one.points) for key, one in criteria.items()}
    if queries.was_rung_in_vain(inspection):
        return Marks({key: by_key[key] if key == RANG else Mark() for key in by_key})
    if inspection.work is Work.CALL and inspection.department_id is None and world.one_in(3):
        by_key["5.1"] = Mark()  # nothing was handed off
    for key, cost, words in LACKS[inspection.work]:
        if world.one_in(5):
            by_key[key] = Mark(criteria[key].points - cost, words=words)
    if is_broken:
        by_key[BROKEN[inspection.work]] = Mark(is_broken=True, words=BROKEN_WORDS)
    return Marks(by_key)


def _appeal(world: World) -> None:
    """Two operators appealed and were answered; the appeal of a third colleague waits."""
    found = select(Inspection).where(Inspection.total < 100)
    rows = list(db.session.scalars(found.order_by(Inspection.scored_at.desc())))
    waiting = next((one for one in rows if one.may_be_appealed(world.start)), None)
    if waiting is not None:
        service.appeal(waiting, WAITING_APPEAL, actor=waiting.person, at=world.start)
    appealed = {waiting.person_id if waiting else None}
    for key, (words, decision) in APPEALS.items():
        for one in rows:
            if one.work is Work.CALL and one.person_id not in appealed and _lost(one, key):
                appealed.add(one.person_id)
                _settle(world, one, words, decision)
                break


def _lost(inspection: Inspection, key: str) -> bool:
    return bool(Marks.of_data(inspection.marks).by_key[key].words)


def _settle(world: World, inspection: Inspection, words: str, decision: str) -> None:
    scored_at, decider = inspection.scored_at, world.user("sup")
    if scored_at is None:
        return
    at = scored_at + min(SOON, (world.start - scored_at) / 2)
    service.appeal(inspection, words, actor=inspection.person, at=at)
    if service.may_decide(inspection, decider):
        _decide(inspection, decision, decider, at + min(LATER, (world.start - at) / 2))


def _decide(inspection: Inspection, reason: str, decider: User, at: datetime) -> None:
    if "维持" in reason:
        service.uphold(inspection, reason, actor=decider, at=at)
        return
    before = Marks.of_data(inspection.marks)
    criteria = sheets.criteria_of(inspection.sheet)
    full = {
        key: Mark(criteria[key].points) if mark.words and mark.points is not None else mark
        for key, mark in before.by_key.items()
    }
    service.change(inspection, Marks(full), reason, actor=decider, at=at)


def _keep_quiet(start: datetime) -> None:
    """Who was told before the start has read it; no page is open that could hear of it."""
    told = delete(Notification).where(Notification.at < start)
    db.session.execute(told.execution_options(synchronize_session=False))
    if (whole := db.session().get_transaction()) is not None:
        live_updates.forget(db.session(), whole)
