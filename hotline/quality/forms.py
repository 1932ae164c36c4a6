"""What is typed about samples, score sheets and inspections, read into typed values."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from hotline import fields
from hotline.errors import Invalid
from hotline.fields import Typed, number, short
from hotline.i18n import N_
from hotline.quality.marks import Mark, Marks
from hotline.quality.sampling import REASON_LENGTH, SEED_LENGTH, Wanted
from hotline.quality.sheets import MOST_CRITERIA, NAME_LENGTH, Criterion, Section
from hotline.refusals import Refusals
from hotline.wall_clock import zone
from models import Population

WORDS_LENGTH = 500  # about one criterion
SPARE = 2  # empty lines for new criteria in each section
ONE_DAY = timedelta(days=1)
NOTHING = timedelta(0)


def wanted(typed: Typed) -> Wanted:
    """What a supervisor wants to have drawn. Raises Invalid, or Several, naming every field."""
    with Refusals() as wrong:
        return Wanted(
            population=wrong.read(fields.one_of, Population, typed, "population"),
            since=wrong.read(_midnight, typed, "since"),
            until=wrong.read(_midnight, typed, "until", ONE_DAY),
            percent=number(typed, "percent") or 0,
            seed=wrong.read(short, typed, "seed", SEED_LENGTH),
            reason=wrong.read(short, typed, "reason", REASON_LENGTH),
        )


def marks(typed: Typed, criteria: Mapping[str, Criterion]) -> Marks:
    """A filled-in score sheet. Raises Invalid, or Several, naming every field left empty."""
    with Refusals() as wrong:
        by_key = {key: wrong.read(_mark, typed, one) for key, one in criteria.items()}
        remark = wrong.read(short, typed, "remark", fields.WORDS)
        return Marks(by_key, remark)


def shown(filled: Marks) -> dict[str, str]:
    """The fields of a score sheet as they were filled in."""
    typed = {"remark": filled.remark}
    for key, mark in filled.by_key.items():
        typed[f"points_{key}"] = "" if mark.points is None else str(mark.points)
        typed[f"words_{key}"] = mark.words
        typed[f"broken_{key}"] = "y" if mark.is_broken else ""
        typed[f"leave_{key}"] = "y" if mark.points is None else ""
    return typed


def _mark(typed: Typed, one: Criterion) -> Mark:
    words = short(typed, f"words_{one.key}", WORDS_LENGTH)
    if one.is_knock_out:
        return Mark(None, f"broken_{one.key}" in typed, words)
    if f"leave_{one.key}" in typed:
        return Mark(None, False, words)
    points = number(typed, f"points_{one.key}")
    if points is None:
        raise Invalid(N_("Give points, or say that it does not apply."), field=f"points_{one.key}")
    return Mark(points, False, words)


def sections(typed: Typed) -> tuple[Section, ...]:
    """A score sheet as edited; whose names are all empty falls away. Raises Invalid."""
    found = []
    for place in range(1, count(typed, "sections") + 1):
        criteria = tuple(
            one
            for line in range(1, count(typed, f"lines_{place}") + 1)
            if (one := _criterion(typed, place, line)) is not None
        )
        names = [_name(typed, f"section_{place}_{language}") for language in ("zh", "en")]
        if any(names) or criteria:
            found.append(Section(names[0], names[1], criteria))
    return tuple(found)


def count(typed: Typed, name: str) -> int:
    """How many sections, or lines of one, the form had: never more than a form of ours has."""
    return min(number(typed, name) or 0, MOST_CRITERIA + SPARE)


def _criterion(typed: Typed, place: int, line: int) -> Criterion | None:
    at = f"{place}_{line}"
    names = [_name(typed, f"name_{at}_{language}") for language in ("zh", "en")]
    if not any(names):
        return None
    if f"out_{at}" in typed:
        return Criterion("", names[0], names[1], 0)
    points = number(typed, f"worth_{at}")
    if not points:
        sentence = N_("Give points, or let it knock out.")
        raise Invalid(sentence, field=f"worth_{at}")
    return Criterion("", names[0], names[1], points)


def _name(typed: Typed, field: str) -> str:
    return short(typed, field, NAME_LENGTH)


def edited(content: tuple[Section, ...]) -> dict[str, str]:
    """The fields of the editor for a score sheet, with room for what is new."""
    typed = {"sections": str(len(content) + 1)}
    for place, section in enumerate([*content, Section("", "", ())], start=1):
        typed |= {f"section_{place}_zh": section.name_zh, f"section_{place}_en": section.name_en}
        typed[f"lines_{place}"] = str(len(section.criteria) + SPARE)
        for line, one in enumerate(section.criteria, start=1):
            at = f"{place}_{line}"
            typed |= {f"name_{at}_zh": one.name_zh, f"name_{at}_en": one.name_en}
            typed[f"worth_{at}"] = "" if one.is_knock_out else str(one.points)
            typed[f"out_{at}"] = "y" if one.is_knock_out else ""
    return typed


def _midnight(typed: Typed, field: str, later: timedelta = NOTHING) -> datetime:
    """The beginning of a typed day, or so much `later`."""
    try:
        day = fields.day(typed, field) + later
        return datetime.combine(day, time(), zone()).astimezone(UTC)
    except OverflowError as error:
        raise Invalid(N_("Choose a day."), field=field) from error
