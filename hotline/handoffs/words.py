"""What we say to callers about a handoff: in Chinese, whatever the screens speak."""

import re
from datetime import date, datetime

from hotline.calendars import queries as calendars
from hotline.calendars.chinese import ZONE
from hotline.sla import policies
from models import Department, Ticket

WEEKDAYS = "一二三四五六日"
LATEST = re.compile(r"最迟[^，。]+?前")
ONLY_LATER = re.compile(r"您的事[^，。]+，最迟[^，。]+前答复您，比原来说的晚，请您谅解。")


def sentence_for(ticket: Ticket, department: Department, due: datetime) -> str:
    """Who has the matter and by when we answer: nothing that the department has not said."""
    return sentence(
        department, due, query_code=ticket.query_code, has_number=bool(ticket.callback_number)
    )


def sentence(department: Department, due: datetime, *, query_code: str, has_number: bool) -> str:
    """The same for what is no ticket yet. Who has no number rings again and says the code."""
    words = f"您的事已转{department.name_zh}，最迟{by(due, department)}答复您"
    if not policies.is_on("query_code"):
        return f"{words}。"
    if not has_number:
        return f"{words}，届时请来电报查询码{query_code}。"
    return f"{words}，查询码{query_code}。"


def by(due: datetime, department: Department | None) -> str:
    """A limit as people say it: 11月27日（周五）下班前, or with the time of day."""
    return f"{day(due.astimezone(ZONE).date())}{_time(due, department)}前"


def day(on: date) -> str:
    """A date with its weekday: 11月27日（周五）."""
    return f"{on.month}月{on.day}日（周{WEEKDAYS[on.weekday()]}）"


def _time(due: datetime, department: Department | None) -> str:
    local = due.astimezone(ZONE)
    closes = [end for _, end in calendars.calendar_for(department).open_intervals(local.date())]
    return "下班" if due in closes[-1:] else f"{local:%H:%M}"


def please_add(what: str, until: datetime, department: Department) -> str:
    """What a caller whom the department may not ring is asked for, and until when."""
    return f"为办理您反映的事，请补充：{what}。请在{by(until, department)}告诉我们。"


def cannot_be_solved_now(measures: str, review_on: date) -> str:
    """Why a matter waits, what is done meanwhile, and when it is looked at again."""
    measures = measures.rstrip("。")
    return f"您反映的事目前还不能解决。{measures}。我们{day(review_on)}再研究，并把进展告诉您。"


def again(department: Department, due: datetime) -> str:
    """The answer was not good enough: the same department works on it again."""
    return f"已请{department.name_zh}重新办理，最迟{by(due, department)}再答复您。"


def later_with(department: Department, due: datetime) -> str:
    """Another department has the matter, and the date the caller was told does not hold."""
    until = by(due, department)
    return f"您的事改由{department.name_zh}办理，最迟{until}答复您，比原来说的晚，请您谅解。"


def later_than_promised(department: Department, due: datetime) -> str:
    """The same department goes on, and the date the caller was told does not hold."""
    until = by(due, department)
    return f"您的事由{department.name_zh}继续办理，最迟{until}答复您，比原来说的晚，请您谅解。"


def needs_more_time(department: Department, due: datetime) -> str:
    """The department was granted more time, and the caller knows of no date yet."""
    until = by(due, department)
    return f"您的事由{department.name_zh}继续办理，还需要一些时间，最迟{until}答复您，请您谅解。"


def is_only_later(said: str) -> bool:
    """Whether a sentence tells a later date, and nothing else."""
    return ONLY_LATER.fullmatch(said) is not None


def with_date(said: str, department: Department, due: datetime) -> str:
    """What is still to be said, with `due` in place of the date in it."""
    return LATEST.sub(f"最迟{by(due, department)}", said)


def still(department: Department, due: datetime) -> str:
    """Half of the time has passed: the matter is where it was, and so is the date."""
    return f"您的事仍由{department.name_zh}办理，目前还没有结果，最迟{by(due, department)}答复您。"


def still_without_date(department: Department) -> str:
    """The same where the date has passed: nothing is promised that the department has not said."""
    return f"您的事仍由{department.name_zh}办理，还没有结果，让您久等了。一有结果我们就告诉您。"
