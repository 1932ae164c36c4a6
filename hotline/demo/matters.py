"""What the next caller brings: a category, a question in its own words, and who asks it."""

from collections import defaultdict
from dataclasses import dataclass, replace
from random import Random

from hotline.demo.corpus import Asked, Handled, Topic
from hotline.demo.texts import TOPICS, remarks
from models import Category, DemandKind

# Many ask about these, few about those; the rest is in between.
OFTEN = (
    *("unpaid_wages", "medical_refund", "join_how", "join_eight_groups", "card_apply", "severance"),
    *("overtime_pay", "dismissal", "injury_recognition", "arbitration_guide", "insurance_unpaid"),
    *("construction_wages", "legal_aid", "annual_leave", "founding_policy", "job_search"),
)
SELDOM = (
    *("funds_misuse", "audit_committee", "audit_follow_up", "union_staff", "innovation_studio"),
    *("model_home", "layoffs", "harassment", "cadre_conduct", "union_legal_person", "matchmaking"),
)
# Nobody answers these in the first call: somebody has to look into them.
NEVER_AT_ONCE = (
    *("funds_misuse", "cadre_conduct", "harassment", "service_attitude", "founding_refused"),
    *("labour_supervision", "safety_hazard", "suggestions", "lawyer_advice"),
)
DISPUTES = ("pay", "contract", "insurance", "injury", "leave", "disputes", "women")
WOMEN = ("maternity_protection", "sex_discrimination", "harassment")
ANSWERED_FROM_THE_BOOKS = 0.8
APART = ("emergency", "no_matter")  # have courses of their own


@dataclass(frozen=True)
class Matter:
    """One question, with the answer an operator would give."""

    category: Category
    topic: Topic
    asked: Asked
    question: str
    tail: str = ""  # what the operator added

    @property
    def words(self) -> str:
        """What is written down."""
        return self.question + self.tail

    @property
    def is_dispute(self) -> bool:
        """Whether worker and employer are at odds, so that operators note other things."""
        group = self.category.parent
        return group is not None and group.code in DISPUTES


class Deck:
    """Deals questions so that each text comes up once before any comes up again."""

    def __init__(self, rng: Random, categories: dict[str, Category]) -> None:
        self._rng, self._categories = rng, categories
        self._cards: dict[str, list[tuple[Asked, str]]] = defaultdict(list)
        self._codes = [code for code in TOPICS if code not in APART]

    def any(self) -> Matter:
        """Something that can be answered at once."""
        return self.of(self._draw([code for code in self._codes if code not in NEVER_AT_ONCE]))

    def for_a_department(self) -> Matter:
        """Something a department has to look into."""
        return self.of(self._draw([code for code in self._codes if TOPICS[code].handled]))

    def of(self, code: str) -> Matter:
        """The next question of one category."""
        topic = TOPICS[code]
        if not self._cards[code]:
            cards = [(asked, question) for asked in topic.asked for question in asked.questions]
            self._rng.shuffle(cards)
            self._cards[code] = cards
        asked, question = self._cards[code].pop()
        matter = Matter(self._categories[code], topic, asked, question)
        tails = remarks.TAILS_OF_DISPUTES if matter.is_dispute else remarks.TAILS
        return replace(matter, tail=self._rng.choice(tails))

    def handling(self, matter: Matter) -> Handled:
        """How its department deals with it: who only asks gets the answer from the books."""
        asks = matter.category.demand_kind is DemandKind.CONSULTATION
        if asks and self._rng.random() < ANSWERED_FROM_THE_BOOKS:
            report = self._rng.choice(remarks.LOOKED_UP)
            return Handled(report, f"您好，{matter.asked.answer}", True)
        return self._rng.choice(matter.topic.handled)

    def _draw(self, codes: list[str]) -> str:
        weights = [4 if code in OFTEN else 1 if code in SELDOM else 2 for code in codes]
        return self._rng.choices(codes, weights)[0]
