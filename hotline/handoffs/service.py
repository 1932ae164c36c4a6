"""What may be done to a handoff. Each verb is told who and when, and does everything or nothing."""

from hotline.handoffs.accepting import accept, assign, follow_urgency
from hotline.handoffs.answers import Answer, answer, check_answer, rework
from hotline.handoffs.assisting import ask_assist, ask_hotline, assist_answer
from hotline.handoffs.extensions import (
    ask_extension,
    ask_level,
    grant_extension,
    refuse_extension,
)
from hotline.handoffs.handing_off import check_department, hand_off, recall
from hotline.handoffs.new_dates import tell_date
from hotline.handoffs.pauses import end_wait, resume, suspend, wait
from hotline.handoffs.pressing import caller_asks_again, chase, lift, supervise, to_be_chased
from hotline.handoffs.returns import agree_return, ask_return, may_ask, refuse_return
from hotline.handoffs.words import sentence_for

__all__ = [
    "Answer",
    "accept",
    "agree_return",
    "answer",
    "check_answer",
    "ask_assist",
    "ask_extension",
    "ask_hotline",
    "ask_level",
    "ask_return",
    "assign",
    "assist_answer",
    "caller_asks_again",
    "chase",
    "check_department",
    "end_wait",
    "follow_urgency",
    "grant_extension",
    "hand_off",
    "lift",
    "may_ask",
    "recall",
    "refuse_extension",
    "refuse_return",
    "rework",
    "resume",
    "sentence_for",
    "supervise",
    "suspend",
    "tell_date",
    "to_be_chased",
    "wait",
]
