"""The fields of forms, read into values: one rule each for words, rows, numbers and days.

Every reader names the field and raises Invalid with a sentence that can stand beside it.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.refusals import Refusals
from hotline.wall_clock import zone
from models import Category, Department, User, db

Typed = Mapping[str, str]
E = TypeVar("E", bound=StrEnum)
R = TypeVar("R", Category, Department, User)
Retirable = TypeVar("Retirable", Category, Department)

YES_NO = {"yes": True, "no": False}
NOT_LISTED = N_("Choose one of the list.")
TOO_LONG = N_("Too long by %(over)d: at most %(most)d characters.")
# How much the long texts of the forms take; the fields count while somebody writes (page.js).
MOST_YUAN = Decimal(100_000_000)
WORDS, LONG = 1000, 4000  # what is read out to a caller; what is written for us
LENGTHS = {
    **dict.fromkeys(("words", "callback_words", "safe_summary", "measures"), WORDS),
    **dict.fromkeys(("note", "reason", "basis", "why_not_solved"), WORDS),
    **dict.fromkeys(("dissatisfaction", "thanks"), WORDS),
    **dict.fromkeys(("question", "answer", "report", "told", "text"), LONG),
}


def number(typed: Typed, name: str) -> int | None:
    """A whole number, or None for nothing and for anything else."""
    text = typed.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def fen(typed: Typed, name: str) -> int:
    """An amount in yuan as fen, the smallest coin; 0 for nothing."""
    text = typed.get(name, "").strip().replace(",", "").replace("，", "")
    if not text:
        return 0
    sentence = N_("Write an amount of money, like 12000 or 350.50.")
    try:
        yuan = Decimal(text)
    except InvalidOperation as error:
        raise Invalid(sentence, field=name) from error
    if not yuan.is_finite() or not 0 <= yuan < MOST_YUAN or yuan * 100 != int(yuan * 100):
        raise Invalid(sentence, field=name)
    return int(yuan * 100)


def version(typed: Typed) -> int:
    """The version of the ticket that the form was rendered with; -1, never right, without."""
    return number(typed, "version") or -1


def short(typed: Typed, name: str, most: int) -> str:
    """A text that has room in its column, with the line ends that were counted."""
    text = typed.get(name, "").strip().replace("\r\n", "\n")
    if len(text) > most:
        raise Invalid(TOO_LONG, field=name, over=len(text) - most, most=most)
    return text


def check_lengths(typed: Typed) -> None:
    """Refuse long texts that are too long. Raises Invalid, or Several, naming every one."""
    with Refusals() as wrong:
        for name, most in LENGTHS.items():
            wrong.read(short, typed, name, most)


def one_of(enum: type[E], typed: Typed, name: str, sentence: str = NOT_LISTED) -> E:
    """The word of `enum` that was chosen."""
    try:
        return enum(typed.get(name, ""))
    except ValueError as error:
        raise Invalid(sentence, field=name) from error


def one_of_or_none(enum: type[E], typed: Typed, name: str) -> E | None:
    """The same; None when nothing was chosen."""
    return one_of(enum, typed, name) if typed.get(name) else None


def row(kind: type[R], typed: Typed, name: str) -> R:
    """The row whose id was chosen."""
    chosen = typed.get(name, "")
    is_id = chosen.isascii() and chosen.isdigit() and len(chosen) < 10
    found = db.session.get(kind, int(chosen)) if is_id else None
    if found is None:
        raise Invalid(NOT_LISTED, field=name)
    return found


def row_or_none(kind: type[R], typed: Typed, name: str) -> R | None:
    """The same; None when nothing was chosen."""
    return row(kind, typed, name) if typed.get(name) else None


def active_or_none(kind: type[Retirable], typed: Typed, name: str) -> Retirable | None:
    """The same where what is retired can no longer be chosen."""
    chosen = row_or_none(kind, typed, name)
    if chosen is not None and not chosen.is_active:
        raise Invalid(NOT_LISTED, field=name)
    return chosen


def day(typed: Typed, name: str) -> date:
    """A date."""
    try:
        return date.fromisoformat(typed.get(name, ""))
    except ValueError as error:
        raise Invalid(N_("Choose a day."), field=name) from error


def instant(typed: Typed, name: str) -> datetime | None:
    """A local day and time in UTC, None for nothing."""
    text = typed.get(name, "").strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(N_("Write the day and the time."), field=name) from error
