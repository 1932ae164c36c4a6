"""The words by which a call of the night is read first: data that an administrator edits."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from hotline import turns
from hotline.audit import service as audit
from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.tickets import search
from models import User, WordList, db

NAME = "urgent"
LONGEST, MOST = 20, 200
DEFAULT = (
    *("自杀", "轻生", "不想活", "跳楼", "爬塔吊", "讨薪", "堵路", "堵门", "群体", "集体", "上访"),
    *("罢工", "停工", "工伤", "死亡", "受伤", "昏迷", "中毒", "触电", "坍塌", "火灾", "爆炸"),
    *("威胁", "报复", "殴打", "打人", "拘禁", "扣押", "性骚扰", "童工", "记者", "媒体", "曝光"),
)


def words() -> tuple[str, ...]:
    """What an administrator has written, else the default; perhaps nothing at all."""
    row = db.session.get(WordList, NAME)
    return DEFAULT if row is None else tuple(row.words.split("\n")) if row.words else ()


def last_change() -> WordList | None:
    """The list as an administrator wrote it last, with who did and when."""
    return db.session.get(WordList, NAME)


def set_words(typed: str, *, actor: User, at: datetime) -> int:
    """Write the list anew from words apart by spaces, commas or lines; return how many there are.

    Raises Invalid for a word that is too long, or too many of them.
    """
    found = tuple(dict.fromkeys(_parts(typed)))
    if any(len(word) > LONGEST for word in found):
        raise Invalid(N_("A word has at most %(most)d characters."), field="words", most=LONGEST)
    if len(found) > MOST:
        raise Invalid(N_("At most %(most)d words."), field="words", most=MOST)
    turns.take("urgent_words")
    before = words()
    db.session.merge(WordList(name=NAME, words="\n".join(found), set_at=at, set_by_id=actor.id))
    audit.record(
        "set_urgent_words",
        actor=actor,
        at=at,
        added=" ".join(word for word in found if word not in before),
        removed=" ".join(word for word in before if word not in found),
    )
    return len(found)


def folded() -> dict[str, str]:
    """The words of the list, each with how it is compared, to look for them in many texts."""
    return {word: search.fold(word) for word in words()}


def in_texts(texts: Iterable[str], listed: Mapping[str, str]) -> tuple[str, ...]:
    """Those words of the list (`folded`) that stand in any of `texts`, in the order of the list."""
    body = search.fold("\n".join(texts))
    return tuple(word for word, plain in listed.items() if plain in body)


def _parts(typed: str) -> list[str]:
    for mark in ",，、;；/":
        typed = typed.replace(mark, " ")
    return typed.split()
