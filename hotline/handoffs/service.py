"""What may be done to a handoff. Each verb is told who and when, and does everything or nothing."""

from hotline.handoffs.accepting import accept, assign, hasten
from hotline.handoffs.answers import Answer, answer, check_answer, rework
from hotline.handoffs.assisting import ask_assist, ask_hotline, assist_answer
from hotline.handoffs.handing_off import check_department, hand_off, recall
from hotline.handoffs.pauses import end_wait, resume, suspend, wait
from hotline.handoffs.returns import agree_return, ask_return, may_ask, refuse_return
from hotline.handoffs.words import sentence_for

__all__ = [
    "Answer",
    "accept",
    "agree_return",
    "answer",
    "check_answer",
    "ask_assist",
    "ask_hotline",
    "ask_return",
    "assign",
    "assist_answer",
    "check_department",
    "end_wait",
    "hand_off",
    "hasten",
    "may_ask",
    "recall",
    "refuse_return",
    "rework",
    "resume",
    "sentence_for",
    "suspend",
    "wait",
]
