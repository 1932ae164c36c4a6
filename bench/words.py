"""What callers ask and departments answer, filled in beforehand: some texts of each category."""

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from hotline.demo import people
from hotline.demo.matters import OFTEN, SELDOM
from hotline.demo.places import EMPLOYERS, STREETS, TRADES
from hotline.demo.texts import TOPICS
from models import CallerKind, Category

TEXTS_EACH = 40
LONGEST_SUBJECT = 60
APART = ("emergency", "no_matter")
ABOUT_MONEY = ("unpaid_wages", "construction_wages", "wage_deduction", "overtime_pay", "severance")


@dataclass(frozen=True)
class Matter:
    """One question about a category, the answer to it, and how a department deals with it."""

    category: Category
    lead: int
    question: str
    answer: str
    report: str
    words: str
    is_solved: bool
    is_about_money: bool
    kind: CallerKind

    @property
    def subject(self) -> str:
        return self.question[:LONGEST_SUBJECT]


class Matters:
    """Deals matters; many ask about some categories, few about others."""

    def __init__(self, rng: Random, leads: dict[str, tuple[Category, int]], at: int) -> None:
        self._rng, self._at = rng, datetime.fromtimestamp(at, UTC)
        self._of = {
            code: [self._matter(code, *leads[code]) for _ in range(TEXTS_EACH)] for code in TOPICS
        }
        codes = [code for code in TOPICS if code not in APART]
        weights = [4 if code in OFTEN else 1 if code in SELDOM else 2 for code in codes]
        self._deck = rng.choices(codes, weights, k=1000)
        self._handled = [code for code in self._deck if TOPICS[code].handled]

    def any(self) -> Matter:
        rng = self._rng
        return self._of[self._deck[int(rng.random() * 1000)]][int(rng.random() * TEXTS_EACH)]

    def for_a_department(self) -> Matter:
        rng = self._rng
        code = self._handled[int(rng.random() * len(self._handled))]
        return self._of[code][int(rng.random() * TEXTS_EACH)]

    def of(self, code: str) -> Matter:
        return self._of[code][int(self._rng.random() * TEXTS_EACH)]

    def _matter(self, code: str, category: Category, lead: int) -> Matter:
        rng, topic = self._rng, TOPICS[code]
        asked = rng.choice(topic.asked)
        person = people.Person(
            name="",
            number="",
            kind=asked.who,
            sector="factory",
            employer=rng.choice(EMPLOYERS["factory"]),
            trade=rng.choice(TRADES["factory"]),
            street=rng.choice(STREETS),
            is_member=None,
        )
        slots = people.slots(person, self._at, rng) | {"when": "上周"}
        handled = rng.choice(topic.handled) if topic.handled else None
        return Matter(
            category=category,
            lead=lead,
            question=rng.choice(asked.questions).format_map(slots),
            answer=asked.answer.format_map(slots),
            report=handled.report.format_map(slots) if handled else "",
            words=handled.words.format_map(slots) if handled else "",
            is_solved=handled is not None and handled.solved,
            is_about_money=code in ABOUT_MONEY,
            kind=asked.who,
        )
