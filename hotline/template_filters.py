"""How templates show times, numbers and words: as people here say them, in the reader's language.

Everything arrives in UTC and leaves in the local time of the deployment.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from math import floor
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import Flask
from flask_babel import gettext as _
from flask_babel import ngettext

from hotline import clock, phone_numbers, wall_clock
from hotline.fields import LENGTHS
from hotline.i18n import N_
from hotline.labels import ACTIONS, LABELS, TONES
from hotline.languages import is_chinese, said_once
from hotline.tickets.lifecycle import Action

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SOON = 2 * HOUR  # less than this is shown as pressing when no start is known
ROUNDING = 1e-9  # what a share of two numbers may lack in a float
PRESSING_PART = 4  # the last quarter of the time given
THIS_YEAR = "M月d日（EEE）", "EEE d MMM"  # in Chinese, in English
ANOTHER_YEAR = "y年M月d日", "d MMM y"
NEAR = {0: N_("today"), 1: N_("tomorrow"), -1: N_("yesterday")}  # by days from today


@dataclass(frozen=True)
class TimeLeft:
    """What to say of a due time: `left` and `until` in words, and the tone of the chip."""

    left: str
    until: str
    tone: str  # good, warn, bad

    def __str__(self) -> str:
        return _left_until(self.left, self.until, self.tone == "bad")


@said_once
def _left_until(left: str, until: str, is_over: bool) -> str:
    until = until.replace("（", "").replace("）", "")  # no brackets inside brackets
    if is_over:
        return _("%(left)s (was due %(until)s)", left=left, until=until)
    return _("%(left)s (by %(until)s)", left=left, until=until)


def holiday(name: str) -> str:
    """What a holiday is called, or as an imported list has it: words of others, so not by the `_`
    of the templates, which takes all it is given for markup and for a format."""
    return _(name) if name else ""


def failure(why: str) -> str:
    """Why something failed: a sentence of ours in the reader's language, that of others as it came;
    not by the `_` of the templates either."""
    return _(why) if why else ""


def register(app: Flask) -> None:
    """Give the templates of `app` these filters, the function `now`, versions of static files."""
    # A constant would go through its filter once, in the language of whoever came first.
    app.jinja_env.optimized = False
    app.add_template_global(lambda: clock.now(), "now")  # the clock of this moment, also in tests
    app.add_template_global(LENGTHS.get, "most_of")  # how much a long text takes
    app.url_defaults(_versioned(Path(app.static_folder or "")))
    for shown in (
        local_date,
        local_datetime,
        local_time,
        iso,
        time_left,
        ago,
        holiday,
        failure,
        duration,
        hours,
        percent,
        stopwatch,
        yuan,
        phone_numbers.mask,
        phone_numbers.for_display,
        label,
        tone,
        action_label,
        name_of,
        pairs,
    ):
        app.add_template_filter(shown, shown.__name__)


def _versioned(folder: Path) -> Callable[[str, dict[str, Any]], None]:
    """Static files may be cached for long: another content has another address."""

    @cache
    def version(filename: str) -> str:
        file = folder / filename
        return f"{int(file.stat().st_mtime):x}" if file.is_file() else ""

    def add(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values["v"] = version(values["filename"])

    return add


def _local(at: datetime) -> datetime:
    return at.astimezone(wall_clock.zone())


@cache
def _day_in_words(day: date, pattern: str, language: str) -> str:
    return str(format_date(day, pattern, locale=language))


def local_time(at: datetime | None) -> str:
    """The local time of day: 16:30."""
    return _time_of_day(_local(at)) if at else ""


def _time_of_day(local: datetime) -> str:
    return f"{local:%H:%M}"


def local_date(day: datetime | date | None, now: datetime | None = None) -> str:
    """The day as people say it: today, 11月27日（周五）, with the year if it is another one."""
    if day is None:
        return ""
    today = _local(now or clock.now()).date()
    return _day(_local(day).date() if isinstance(day, datetime) else day, today)


@said_once
def _day(day: date, today: date) -> str:
    near = NEAR.get((day - today).days)
    if near:
        return _(near)
    chinese, english = THIS_YEAR if day.year == today.year else ANOTHER_YEAR
    if is_chinese():
        return _day_in_words(day, chinese, "zh")
    return _day_in_words(day, english, "en")


def local_datetime(at: datetime | None, now: datetime | None = None) -> str:
    """Day and time: 今天16:30, 11月27日（周五）09:12."""
    if at is None:
        return ""
    zone = wall_clock.zone()
    return _day_and_time(at, (now or clock.now()).astimezone(zone).date(), zone)


@said_once
def _day_and_time(at: datetime, today: date, zone: ZoneInfo) -> str:
    local, space = at.astimezone(zone), "" if is_chinese() else " "
    return f"{_day(local.date(), today)}{space}{_time_of_day(local)}"


def span_in_words(begin: datetime, end: datetime, now: datetime | None = None) -> str:
    """From when until when, the day said once if it is the same: 明天12:00至14:00."""
    one_day = _local(begin).date() == _local(end).date()
    until = local_time(end) if one_day else local_datetime(end, now)
    return _("%(begin)s to %(end)s", begin=local_datetime(begin, now), end=until)


def iso(at: datetime | None) -> str:
    """For the attribute `datetime` of <time>: local time with its offset."""
    return _local(at).isoformat(timespec="seconds") if at else ""


@said_once
def duration(span: timedelta | float | None) -> str:
    """A length of time in its one or two largest units: 3小时20分钟. Numbers are seconds."""
    if span is None:
        return ""
    if not isinstance(span, timedelta):
        span = timedelta(seconds=span)
    span = abs(span)
    if span < MINUTE:
        return ngettext("%(num)d second", "%(num)d seconds", int(span.total_seconds()))
    minutes = int(span.total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [
        ngettext("%(num)d day", "%(num)d days", days) if days else "",
        ngettext("%(num)d hour", "%(num)d hours", hours) if hours else "",
        ngettext("%(num)d minute", "%(num)d minutes", minutes) if minutes and not days else "",
    ]
    return ("" if is_chinese() else " ").join(part for part in parts if part)


def hours(seconds: float | None) -> str:
    """Business time in hours and minutes, never in days: 31小时22分钟. A day of it has not 24."""
    if seconds is None:
        return ""
    if seconds < MINUTE.total_seconds():
        return duration(seconds)
    whole, minutes = divmod(round(seconds) // 60, 60)
    parts = [
        ngettext("%(num)d hour", "%(num)d hours", whole) if whole else "",
        ngettext("%(num)d minute", "%(num)d minutes", minutes) if minutes or not whole else "",
    ]
    return ("" if is_chinese() else " ").join(part for part in parts if part)


def percent(share: float | None) -> str:
    """A share from 0 to 1: 95.3%, rounded down as docs/decisions/0015 says; a dash for none."""
    return "–" if share is None else f"{floor(share * 1000 + ROUNDING) / 10:.1f}%"


def stopwatch(span: timedelta | float | None) -> str:
    """A call's length: 2:05. Numbers are seconds."""
    if span is None:
        return ""
    seconds = int(span.total_seconds() if isinstance(span, timedelta) else span)
    hours, rest = divmod(max(seconds, 0), 3600)
    clock_face = f"{rest // 60}:{rest % 60:02d}"
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else clock_face


def ago(at: datetime | None, now: datetime | None = None) -> str:
    """How long ago, up to a day; the day after that."""
    if at is None:
        return ""
    now = now or clock.now()
    if now - at < MINUTE:
        return _("just now")
    if now - at < DAY:
        return _ago(_rounded(now - at))
    return local_date(at, now)


@said_once
def _ago(span: timedelta) -> str:
    return _("%(duration)s ago", duration=duration(span))


def time_left(
    due_at: datetime, now: datetime | None = None, *, started_at: datetime | None = None
) -> TimeLeft:
    """How much time is left until `due_at`, as people say it, with the tone of its chip.

    The tone warns in the last quarter since `started_at`, or in the last two hours.
    """
    now = now or clock.now()
    until = local_datetime(due_at, now)
    left = due_at - now
    if left < timedelta(0):
        if -left < MINUTE:
            return TimeLeft(_("overdue since this minute"), until, "bad")
        return TimeLeft(_overdue_by(_rounded(left)), until, "bad")
    pressing = (due_at - started_at) / PRESSING_PART if started_at else SOON
    return TimeLeft(_left(_rounded(left)), until, "warn" if left <= pressing else "good")


@said_once
def _overdue_by(span: timedelta) -> str:
    return _("overdue by %(duration)s", duration=duration(span))


@said_once
def _left(span: timedelta) -> str:
    return _("%(duration)s left", duration=duration(span))


def _rounded(span: timedelta) -> timedelta:
    """One unit is enough from three of it on: 3 hours, but 2 hours 20 minutes."""
    span = abs(span)
    unit = next((unit for unit in (DAY, HOUR) if span >= 3 * unit), MINUTE)
    return max(span // unit, 1) * unit


def yuan(fen: int) -> str:
    """An amount of money: 12,000.50元, or ¥12,000.50."""
    amount = f"{fen // 100:,}.{fen % 100:02d}"
    return f"{amount}元" if is_chinese() else f"¥{amount}"


def label(value: StrEnum | None) -> str:
    """What a word of an enum is called; empty for None."""
    if value is None:
        return ""
    return _label(type(value), value.value)


@said_once
def _label(words: type[StrEnum], value: str) -> str:
    return _(LABELS[words][value])


def pairs(options: Any) -> list[tuple[Any, str]]:
    """The options of a choice as (value, text); an enum gives its words with their labels."""
    if isinstance(options, type) and issubclass(options, StrEnum):
        return [(member.value, label(member)) for member in options]
    return list(options)


def tone(value: StrEnum | None) -> str:
    """The tone in which a word of an enum is shown: good, warn, bad, info, calm, brandy, plain."""
    return TONES.get(type(value), {}).get(str(value), "plain") if value is not None else "plain"


def action_label(action: Action) -> str:
    """What an action of a ticket is called on its button."""
    return _(ACTIONS[action])


def name_of(thing: Any) -> str:
    """The name of a department or category in the reader's language; empty for None."""
    return name_in(thing.name_zh, thing.name_en) if thing is not None else ""


def name_in(chinese: str, english: str) -> str:
    """The one of two names that the reader reads."""
    return chinese if is_chinese() else english or chinese
