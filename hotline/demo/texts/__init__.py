"""What callers ask and what we answer: one module for each group of categories."""

from hotline.demo.corpus import Topic
from hotline.demo.texts import (
    aid,
    contract,
    culture,
    democracy,
    disputes,
    election,
    founding,
    funds,
    funds_review,
    home,
    honours,
    injury,
    insurance,
    jobs,
    leave,
    membership,
    mutual,
    outside,
    pay,
    union_work,
    women,
)

_MODULES = (
    *(membership, founding, election, democracy, funds, funds_review, pay, contract, insurance),
    *(injury, leave, disputes, women, mutual, aid, jobs, home, honours, culture, union_work),
    outside,
)

TOPICS: dict[str, Topic] = {topic.category: topic for module in _MODULES for topic in module.TOPICS}
