"""Telling one of us: a line under the bell, and letters and short messages that say the same.

Many are told together as cheaply as one: who knows already is asked for all of them at once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from hotline.live_updates import service as live_updates
from hotline.outbox import recipients, texts, writing
from models import Callback, Channel, Notification, Ticket, User, db

SUBJECT_LENGTH = 60
CALLERS_READ = "zh"


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
) -> Notification | None:
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


def notify_all(users: Iterable[User], text: str, **what: Any) -> list[Notification]:
    """`notify` each of `users`; return the notices that were new."""
    told = (notify(user, text, **what) for user in users)
    return [notice for notice in told if notice is not None]


def tell(tellings: Sequence[Telling], *, at: datetime) -> list[list[Notification]]:
    """`notify` everybody of each of `tellings`; return the notices that were new, for each."""
    known = _known(tellings)
    told: list[list[Notification]] = [[] for _ in tellings]
    sent: list[dict[str, Any]] = []
    for telling, notices in zip(tellings, told, strict=True):
        params = texts.packed(telling.params)
        for user in telling.users:
            key = f"{telling.dedupe_key}:{user.id}"
            if key not in known and _may_hear(user, telling.ticket):
                known.add(key)
                notice = _notice(key, user, telling, params, at)
                notices.append(notice)
                sent += _messages(notice, user, telling)
    db.session.add_all(notice for notices in told for notice in notices)
    writing.add_all(sent)  # flushes, so that each notice has its number
    for notice in (notice for notices in told for notice in notices):
        about = {"notification": notice.id, "urgent": notice.is_urgent}
        live_updates.post(f"user:{notice.user_id}", "bell", at, **about)
    return told


def alarm(
    text: str, *, at: datetime, dedupe_key: str, ticket: Ticket | None = None, **params: object
) -> list[Notification]:
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


def _notice(
    key: str, user: User, telling: Telling, params: dict[str, Any], at: datetime
) -> Notification:
    return Notification(
        user_id=user.id,
        dedupe_key=key,
        text=telling.text,
        params=params,
        is_urgent=telling.urgent,
        ticket_id=telling.ticket.id if telling.ticket else None,
        callback_id=telling.callback.id if telling.callback else None,
        at=at,
    )


def _messages(notice: Notification, user: User, telling: Telling) -> list[dict[str, Any]]:
    """What goes out to `user` beside the line under the bell."""
    addresses = {Channel.EMAIL: user.email, Channel.SMS: user.phone_number}
    channels = telling.channels
    if channels is None:
        channels = (Channel.EMAIL, Channel.SMS) if telling.urgent else (Channel.EMAIL,)
    reached = [channel for channel in channels if addresses[channel]]
    if not reached:
        return []
    locale = user.locale or CALLERS_READ
    sentence = texts.say(notice.text, notice.params, locale)
    return [
        writing.message(
            f"{notice.dedupe_key}:{channel.value}",
            channel,
            addresses[channel] or "",
            body=_body(channel, sentence, locale, user, telling.ticket),
            subject=" ".join(sentence.split())[:SUBJECT_LENGTH],
            user=user,
            ticket=telling.ticket,
            at=notice.at,
        )
        for channel in reached
    ]


def _body(channel: Channel, sentence: str, locale: str, user: User, ticket: Ticket | None) -> str:
    if channel is Channel.SMS:
        return texts.render("notice_sms.txt", locale, sentence=sentence)
    number = ticket.number if ticket else ""
    said = {"name": user.display_name, "sentence": sentence, "ticket": number}
    return texts.render("notice_mail.txt", locale, **said)
