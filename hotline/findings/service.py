"""What was missing here: seen by comparing a call before and after a late report was taken in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, select
from sqlalchemy.exc import IntegrityError

from hotline.i18n import N_
from hotline.outbox import service as outbox
from hotline.telephony.inbound import CallEvent, CallProgress, Event, RecordingReady
from models import (
    Call,
    Finding,
    FindingKind,
    FindingReason,
    Mark,
    Reconciliation,
    User,
    Webhook,
    db,
)

SILENT_AFTER = timedelta(minutes=15)
KEYS_AT_ONCE = 500
ASKED_FOR = timedelta(days=30)  # how long we keep when we asked


@dataclass(frozen=True)
class Known:
    """What we know of a call."""

    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    recordings: frozenset[str]


def known(provider: str, call_ref: str) -> Known | None:
    """What we know of a call of the provider now; None when we never heard of it."""
    call = db.session.scalar(
        select(Call)
        .where(Call.provider == provider, Call.call_ref == call_ref)
        .execution_options(populate_existing=True)
    )
    if call is None:
        return None
    sounds = frozenset(one.recording_ref for one in call.recordings)
    return Known(call.started_at, call.answered_at, call.ended_at, sounds)


def ref_of(event: Event) -> str:
    """The reference of the call that a report tells of: of a leg, the call it belongs to."""
    return getattr(event, "parent_ref", None) or event.call_ref


def missing(event: Event, before: Known | None, after: Known | None) -> FindingKind | None:
    """What was missing before a report was taken in; None when it told us nothing new."""
    if before is None:
        is_ours = isinstance(event, CallEvent) and not event.is_inbound and not event.parent_ref
        return None if is_ours else FindingKind.CALL
    if after is None:
        return None
    if isinstance(event, RecordingReady):
        return FindingKind.RECORDING if after.recordings - before.recordings else None
    if after.answered_at and before.answered_at is None:
        return FindingKind.ANSWER
    return FindingKind.END if after.ended_at and before.ended_at is None else None


def record(
    event: Event,
    kind: FindingKind,
    reason: FindingReason,
    *,
    provider: str,
    detail: str,
    happened_at: datetime,
    at: datetime,
) -> bool:
    """Write down what a report of the provider brought; False when that was found before."""
    what = event.recording_ref if isinstance(event, RecordingReady) else ref_of(event)
    return note(
        kind,
        reason,
        provider=provider,
        key=f"{kind}:{what}",
        call_ref=ref_of(event),
        detail=detail,
        happened_at=happened_at,
        at=at,
    )


def note(
    kind: FindingKind,
    reason: FindingReason,
    *,
    provider: str,
    key: str,
    happened_at: datetime,
    at: datetime,
    call_ref: str = "",
    detail: str = "",
) -> bool:
    """Write a finding down, once for each `key`; whether it is new."""
    row = Finding(
        provider=provider,
        key=key,
        kind=kind,
        reason=reason,
        call_ref=call_ref[:64],
        detail=detail[:120],
        happened_at=happened_at,
        found_at=at,
    )
    return write(row)


def write(row: Finding) -> bool:
    """Whether it was new: the same is found once."""
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return False
    return True


def written(provider: str, keys: Sequence[str]) -> set[str]:
    """Those of `keys` that were found before."""
    found: set[str] = set()
    for begin in range(0, len(keys), KEYS_AT_ONCE):
        some = keys[begin : begin + KEYS_AT_ONCE]
        kept = select(Finding.key).where(Finding.provider == provider, Finding.key.in_(some))
        found.update(db.session.scalars(kept))
    return found


def note_unread(row: Webhook, reason: FindingReason) -> None:
    """Tell of a signed request that is kept and that nobody here can read."""
    note(
        FindingKind.UNREAD,
        reason,
        provider=row.provider,
        key=row.event_key,
        call_ref=row.call_ref,
        detail=f"{row.kind}: {row.error}",
        happened_at=row.received_at,
        at=row.received_at,
    )


def happened_at(event: Event, kind: FindingKind, after: Known | None, at: datetime) -> datetime:
    """When what was missing happened, as far as anybody knows; `at` when nobody does."""
    told = event.happened_at if isinstance(event, CallProgress) else None
    if after is None:
        return told or at
    moments = {
        FindingKind.CALL: after.started_at,
        FindingKind.ANSWER: after.answered_at,
        FindingKind.END: after.ended_at,
    }
    return moments.get(kind) or told or after.ended_at or at


def was_not_interpreted(provider: str, call_ref: str) -> bool:
    """Whether a request about this call came and is kept, but could not be understood."""
    kept = select(Webhook.id).where(
        Webhook.provider == provider,
        Webhook.call_ref == call_ref,
        Webhook.interpreted_at.is_(None),
    )
    return db.session.scalar(kept.limit(1)) is not None


def unread(reader: User) -> int:
    """How many findings there are that `reader` has not had on the screen."""
    seen_at = select(Mark.at).where(Mark.name == _seen(reader)).scalar_subquery()
    found = select(func.count()).select_from(Finding)
    return db.session.scalar(found.where(seen_at.is_(None) | (Finding.found_at > seen_at))) or 0


def mark_read(reader: User, *, at: datetime) -> None:
    """`reader` has the list on the screen."""
    db.session.merge(Mark(name=_seen(reader), at=at))


def _seen(reader: User) -> str:
    return f"findings_seen:{reader.id}"


def asked(outcome: Reconciliation) -> None:
    """Write down that the provider was asked, and forget what is too old to matter."""
    before = outcome.asked_at - ASKED_FOR
    db.session.execute(delete(Reconciliation).where(Reconciliation.asked_at < before))
    db.session.add(outcome)
    db.session.flush()
    quiet_since = silent_since(outcome.provider, outcome.asked_at)
    if quiet_since is not None:
        outbox.alarm(
            N_("The telephone company has not answered since %(since)s: calls may be missing."),
            at=outcome.asked_at,
            dedupe_key=f"provider_silent:{quiet_since.isoformat()}",
            since=quiet_since,
        )


def last_success(provider: str) -> Reconciliation | None:
    """The last time the provider answered us."""
    return db.session.scalar(_latest(provider).where(Reconciliation.succeeded))


def last_asked(provider: str) -> Reconciliation | None:
    """The last time we asked, whether or not there was an answer."""
    return db.session.scalar(_latest(provider))


def silent_since(provider: str, at: datetime) -> datetime | None:
    """Since when the provider could not be asked, when that is too long; None when all is well."""
    success = last_success(provider)
    first = select(Reconciliation.asked_at).where(Reconciliation.provider == provider)
    heard_at = (
        success.asked_at
        if success
        else db.session.scalar(first.order_by(Reconciliation.asked_at).limit(1))
    )
    return heard_at if heard_at is not None and at - heard_at > SILENT_AFTER else None


def _latest(provider: str) -> Select[tuple[Reconciliation]]:
    return (
        select(Reconciliation)
        .where(Reconciliation.provider == provider)
        .order_by(Reconciliation.asked_at.desc(), Reconciliation.id.desc())
        .limit(1)
    )
