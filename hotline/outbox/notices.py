"""Telling one of us: a line under the bell, and letters and short messages that say the same.

Many are told together as cheaply as one: who knows already is asked for all of them at once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from hotline import many_rows
from hotline.live_updates import service as live_updates
from hotline.outbox import recipients, texts, writing
from models import Callback, Channel, Notification, Ticket, User, db

SUBJECT_LENGTH = 60
CALLERS_READ = "zh"


@dataclass(frozen=True)
class Notice:
    """A line that came under somebody's bell just now."""

    id: int
    user_id: int
    is_urgent: bool


@dataclass(frozen=True)
class Telling:
    """What is told to whom, as `notify` says it."""

    users: Sequence[User]
    text: str
    dedupe_key: str
    ticket: Ticket | None = None
    callback: Callback | None = None
    urgent: bool = False
    channels: Collection[Channel] | None = None
    params: Mapping[str, object] = field(default_factory=dict)


def notify(
    user: User,
    text: str,
    *,
    at: datetime,
    dedupe_key: str,
    ticket: Ticket | None = None,
    callback: Callback | None = None,
    urgent: bool = False,
    channels: Iterable[Channel] | None = None,
    **params: object,
) -> Notice | None:
    """Tell one of us `text`, a marked sentence; None when they were told already or have left, and
    to whom the ticket is about: of that they hear nothing.

    `dedupe_key` says what is told, kind first: "callback_due:17:…". Instants and departments among
    `params` are told in the reader's language. Without `channels`: mail to whoever has an address,
    a short message too when it is urgent. Names and numbers of callers have no place here.
    """
    only = None if channels is None else tuple(channels)
    telling = Telling((user,), text, dedupe_key, ticket, callback, urgent, only, params)
    (told,) = tell([telling], at=at)
    return told[0] if told else None


def notify_all(users: Iterable[User], text: str, **what: Any) -> list[Notice]:
    """`notify` each of `users`; return the notices that were new."""
    told = (notify(user, text, **what) for user in users)
    return [notice for notice in told if notice is not None]


def tell(tellings: Sequence[Telling], *, at: datetime) -> list[list[Notice]]:
    """`notify` everybody of each of `tellings`; return the notices that were new, for each."""
    db.session.flush()  # what is told of must be there
    known = _known(tellings)
    rows: list[dict[str, Any]] = []
    sent: list[dict[str, Any]] = []
    whose: list[int] = []  # of each row, which telling it is of
    for place, telling in enumerate(tellings):
        said = _Said(telling)
        for user in telling.users:
            key = f"{telling.dedupe_key}:{user.id}"
            if key not in known and _may_hear(user, telling.ticket):
                known.add(key)
                whose.append(place)
                rows.append(_row(key, user, telling, said, at))
                sent += _messages(key, user, telling, said, at)
    told: list[list[Notice]] = [[] for _ in tellings]
    for place, number, row in zip(whose, many_rows.numbered(Notification, rows), rows, strict=True):
        notice = Notice(number, row["user_id"], row["is_urgent"])
        told[place].append(notice)
        about = {"notification": notice.id, "urgent": notice.is_urgent}
        live_updates.post(f"user:{notice.user_id}", "bell", at, **about)
    writing.add_all(sent)
    return told


def alarm(
    text: str, *, at: datetime, dedupe_key: str, ticket: Ticket | None = None, **params: object
) -> list[Notice]:
    """Tell the shift leader and every supervisor at once: something cannot wait."""
    if ticket is None:
        those = recipients.leaders(at) + recipients.supervisors()
    else:
        those = recipients.leaders_of(ticket, at) + recipients.supervisors_of(ticket, at)
    people = {user.id: user for user in those}
    what = {"at": at, "dedupe_key": dedupe_key, "ticket": ticket, "urgent": True}
    return notify_all(people.values(), text, **what, **params)


def _known(tellings: Sequence[Telling]) -> set[str]:
    """The keys of what was told before."""
    keys = [f"{one.dedupe_key}:{user.id}" for one in tellings for user in one.users]
    found = select(Notification.dedupe_key).where(Notification.dedupe_key.in_(keys))
    return set(db.session.scalars(found)) if keys else set()


def _may_hear(user: User, ticket: Ticket | None) -> bool:
    return user.is_active and (ticket is None or ticket.about_user_id != user.id)


class _Said:
    """What one telling says, put once into each language that somebody reads."""

    def __init__(self, telling: Telling) -> None:
        self.params = texts.packed(telling.params)
        self._text = telling.text
        self._sentences: dict[str, str] = {}

    def in_(self, locale: str) -> str:
        if locale not in self._sentences:
            self._sentences[locale] = texts.say(self._text, self.params, locale)
        return self._sentences[locale]


def _row(key: str, user: User, telling: Telling, said: _Said, at: datetime) -> dict[str, Any]:
    return {
        "user_id": user.id,
        "dedupe_key": key,
        "text": telling.text,
        "params": said.params,
        "is_urgent": telling.urgent,
        "ticket_id": telling.ticket.id if telling.ticket else None,
        "callback_id": telling.callback.id if telling.callback else None,
        "at": at,
    }


def _messages(
    key: str, user: User, telling: Telling, said: _Said, at: datetime
) -> list[dict[str, Any]]:
    """What goes out to `user` beside the line under the bell."""
    addresses = {Channel.EMAIL: user.email, Channel.SMS: user.phone_number}
    channels = telling.channels
    if channels is None:
        channels = (Channel.EMAIL, Channel.SMS) if telling.urgent else (Channel.EMAIL,)
    reached = [channel for channel in channels if addresses[channel]]
    if not reached:
        return []
    locale = user.locale or CALLERS_READ
    sentence = said.in_(locale)
    return [
        writing.message(
            f"{key}:{channel.value}",
            channel,
            addresses[channel] or "",
            body=_body(channel, sentence, locale, user, telling.ticket),
            subject=" ".join(sentence.split())[:SUBJECT_LENGTH],
            user=user,
            ticket=telling.ticket,
            at=at,
        )
        for channel in reached
    ]


def _body(channel: Channel, sentence: str, locale: str, user: User, ticket: Ticket | None) -> str:
    if channel is Channel.SMS:
        return texts.render("notice_sms.txt", locale, sentence=sentence)
    number = ticket.number if ticket else ""
    said = {"name": user.display_name, "sentence": sentence, "ticket": number}
    return texts.render("notice_mail.txt", locale, **said)
