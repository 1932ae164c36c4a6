"""The colleagues of the demo: their logins, and who was on duty when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hotline.demo.people import ZONE
from models import Role

PASSWORD = "qinglan-demo-2026"  # noqa: S105 - printed for everybody to see
MAIN_CREW = ("lead", "op1", "op2")


@dataclass(frozen=True)
class Colleague:
    """One login."""

    username: str
    name: str
    role: Role
    department: str | None


# fmt: off
COLLEAGUES = (
    Colleague("op1", "周敏", Role.OPERATOR, "hotline"),
    Colleague("op2", "陈立", Role.OPERATOR, "hotline"),
    Colleague("op3", "许珊", Role.OPERATOR, "hotline"),
    Colleague("lead", "高建平", Role.OPERATOR, "hotline"),
    Colleague("sup", "沈国华", Role.SUPERVISOR, "hotline"),
    Colleague("qa", "顾晓雯", Role.REVIEWER, "hotline"),
    Colleague("org", "唐磊", Role.HANDLER, "org"),
    Colleague("org.head", "罗秀英", Role.HEAD, "org"),
    Colleague("rights", "韩冬", Role.HANDLER, "rights"),
    Colleague("rights2", "薛梅", Role.HANDLER, "rights"),
    Colleague("rights.head", "贺志远", Role.HEAD, "rights"),
    Colleague("finance", "苏婉", Role.HANDLER, "finance"),
    Colleague("finance.head", "钱松", Role.HEAD, "finance"),
    Colleague("funds", "邵刚", Role.HANDLER, "funds_audit"),
    Colleague("funds.head", "武红", Role.HEAD, "funds_audit"),
    Colleague("women", "姚静", Role.HANDLER, "women"),
    Colleague("women.head", "梁慧", Role.HEAD, "women"),
    Colleague("service", "马晓峰", Role.HANDLER, "service"),
    Colleague("service2", "丁兰", Role.HANDLER, "service"),
    Colleague("service.head", "崔海", Role.HEAD, "service"),
    Colleague("economy", "田野", Role.HANDLER, "economy"),
    Colleague("economy.head", "石磊", Role.HEAD, "economy"),
    Colleague("publicity", "叶雨", Role.HANDLER, "publicity"),
    Colleague("publicity.head", "龚平", Role.HEAD, "publicity"),
    Colleague("office", "孟楠", Role.HANDLER, "office"),
    Colleague("office.head", "汪清", Role.HEAD, "office"),
    Colleague("admin", "方圆", Role.ADMINISTRATOR, None),
    Colleague("auditor", "严正", Role.AUDITOR, None),
)
# fmt: on


@dataclass(frozen=True)
class Shift:
    """A stretch of duty; the first of the crew leads it."""

    starts_at: datetime
    ends_at: datetime
    crew: tuple[str, ...]


class Roster:
    """Days from eight to eight in the evening, then a night; at the start the main crew is on.

    Whoever looks at any hour finds the leader and the first operators at work, so their night is
    moved into the day's place when the demo starts at night.
    """

    def __init__(self, start: datetime) -> None:
        self._current = _beginning(start)
        ends_soon = self._current + timedelta(hours=12) - start < timedelta(hours=4)
        self._with_main_crew = {0, 1} if ends_soon else {0}

    def shift_at(self, at: datetime) -> Shift:
        """The shift that `at` falls into."""
        begins = _beginning(at)
        number = round((begins - self._current) / timedelta(hours=12))
        return Shift(begins, begins + timedelta(hours=12), self._crew(number, begins))

    def around(self, start: datetime, reach: timedelta) -> list[Shift]:
        """All shifts from `reach` before `start` to `reach` after it."""
        shift = self.shift_at(start - reach)
        found = [shift]
        while shift.ends_at <= start + reach:
            shift = self.shift_at(shift.ends_at)
            found.append(shift)
        return found

    def _crew(self, number: int, begins: datetime) -> tuple[str, ...]:
        if number in self._with_main_crew:
            return MAIN_CREW
        is_day = begins.astimezone(ZONE).hour == 8
        if number - 1 in self._with_main_crew or number + 1 in self._with_main_crew:
            return ("op3",)
        return MAIN_CREW if is_day else ("op3",)


def _beginning(at: datetime) -> datetime:
    """When the shift of `at` began: 08:00 or 20:00."""
    local = at.astimezone(ZONE)
    eight = local.replace(hour=8, minute=0, second=0, microsecond=0)
    if local.hour < 8:
        return eight - timedelta(hours=12)
    return eight if local.hour < 20 else eight + timedelta(hours=12)
