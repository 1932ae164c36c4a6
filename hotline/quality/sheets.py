"""Score sheets (评分表) as data: what is looked at, what it is worth, and what knocks out.

Every change is a new version; who was drawn before is scored by the version of that time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select

from hotline import turns
from hotline.audit import service as audit
from hotline.errors import NotFound
from hotline.i18n import N_
from hotline.refusals import Refusals
from hotline.seeds.score_sheets import SCORE_SHEETS
from models import ScoreSheet, User, Work, db

MOST_CRITERIA = 24  # what fits on a page, and into a draft of it
MOST_POINTS = 100
NAME_LENGTH = 120


@dataclass(frozen=True)
class Criterion:
    """One thing that is looked at; without points it knocks out."""

    key: str  # 2.1: the first of the second section
    name_zh: str
    name_en: str
    points: int

    @property
    def is_knock_out(self) -> bool:
        """Whether breaking it alone fails the whole sheet (一票否决)."""
        return self.points == 0


@dataclass(frozen=True)
class Section:
    """Criteria that belong together."""

    name_zh: str
    name_en: str
    criteria: tuple[Criterion, ...]


def sections_of(sheet: ScoreSheet) -> tuple[Section, ...]:
    """What stands on a version."""
    return tuple(
        Section(
            one["name_zh"],
            one["name_en"],
            tuple(Criterion(**criterion) for criterion in one["criteria"]),
        )
        for one in sheet.sections
    )


def criteria_of(sheet: ScoreSheet) -> dict[str, Criterion]:
    """Every criterion of a version, by its key."""
    return {one.key: one for section in sections_of(sheet) for one in section.criteria}


def newest(work: Work) -> ScoreSheet | None:
    """The version that counts for what is drawn now; None before the first draw or change."""
    found = select(ScoreSheet).where(ScoreSheet.work == work)
    return db.session.scalar(found.order_by(ScoreSheet.version.desc()).limit(1))


def current(work: Work, *, at: datetime) -> ScoreSheet:
    """The same; the first version is made of the starter data."""
    turns.take("score_sheets")
    return newest(work) or _add(work, starter(work), 1, None, at)


def get(sheet_id: int) -> ScoreSheet:
    """The version with this id. Raises NotFound."""
    sheet = db.session.get(ScoreSheet, sheet_id)
    if sheet is None:
        raise NotFound
    return sheet


def versions(work: Work) -> Sequence[ScoreSheet]:
    """Every version there was, the newest first."""
    found = select(ScoreSheet).where(ScoreSheet.work == work)
    return db.session.scalars(found.order_by(ScoreSheet.version.desc())).all()


def starter(work: Work) -> tuple[Section, ...]:
    """What every installation starts with."""
    return numbered(
        Section(
            seed.name_zh,
            seed.name_en,
            tuple(Criterion("", c.name_zh, c.name_en, c.points) for c in seed.criteria),
        )
        for seed in SCORE_SHEETS[work]
    )


def numbered(sections: Iterable[Section]) -> tuple[Section, ...]:
    """The same with the keys that follow from the places."""
    return tuple(
        Section(
            section.name_zh,
            section.name_en,
            tuple(
                Criterion(f"{place}.{number}", c.name_zh, c.name_en, c.points)
                for number, c in enumerate(section.criteria, start=1)
            ),
        )
        for place, section in enumerate(sections, start=1)
    )


def publish(
    work: Work, sections: Sequence[Section], *, actor: User, at: datetime
) -> ScoreSheet | None:
    """Let `sections` count for what is drawn from now on; None where nothing is new.

    Raises Invalid, or Several, naming what is missing.
    """
    content = numbered(sections)
    check(content)
    before = current(work, at=at)
    if sections_of(before) == content:
        return None
    sheet = _add(work, content, before.version + 1, actor, at)
    audit.record(
        "publish_score_sheet", actor=actor, at=at, subject=work.value, version=sheet.version
    )
    return sheet


def check(sections: Sequence[Section]) -> None:
    """Refuse a sheet nobody could score by. Raises Invalid or Several."""
    criteria = [one for section in sections for one in section.criteria]
    with Refusals() as wrong:
        if not any(not one.is_knock_out for one in criteria):
            wrong.refuse(N_("A score sheet needs at least one criterion with points."), field="")
        if len(criteria) > MOST_CRITERIA:
            sentence = N_("At most %(most)d criteria: a longer sheet is not read.")
            wrong.refuse(sentence, field="", most=MOST_CRITERIA)
        for section in sections:
            if not section.name_zh or not section.criteria:
                wrong.refuse(N_("Every section needs a name and a criterion."), field="")
        for one in criteria:
            if not one.name_zh:
                wrong.refuse(N_("Every criterion needs its name in Chinese."), field="")
            if not 0 <= one.points <= MOST_POINTS:
                sentence = N_("A number from %(least)d to %(most)d, please.")
                wrong.refuse(sentence, field="", least=0, most=MOST_POINTS)


def _add(
    work: Work, sections: Sequence[Section], version: int, actor: User | None, at: datetime
) -> ScoreSheet:
    sheet = ScoreSheet(
        work=work,
        version=version,
        sections=[asdict(section) for section in sections],
        made_at=at,
        made_by_id=actor.id if actor else None,
    )
    db.session.add(sheet)
    db.session.flush()
    return sheet
