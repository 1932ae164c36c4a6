"""What may be done with samples, score sheets and inspections, by name."""

from hotline.quality.appeals import appeal, change, may_decide, uphold
from hotline.quality.redrawing import draw_again
from hotline.quality.sampling import draw
from hotline.quality.scoring import may_send_back, score, send_back, take
from hotline.quality.sheets import publish

__all__ = [
    "appeal",
    "change",
    "draw",
    "draw_again",
    "may_decide",
    "may_send_back",
    "publish",
    "score",
    "send_back",
    "take",
    "uphold",
]
