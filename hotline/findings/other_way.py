"""The other way round: what we have of a provider and the provider does not."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Select, select

from hotline.outbox import terms
from models import Call, Finding, FindingKind, FindingReason, Recording, db

LISTED_AFTER = timedelta(minutes=10)  # until then a call of ours may not be in their list yet
EDGE = timedelta(hours=1)  # our moment of a ring is not theirs
# What is not there: its reference, that of its call, when it happened.
Unlisted = tuple[str, str, datetime]


def unlisted(
    provider: str,
    calls: Collection[str],
    recordings: Collection[str],
    *,
    since: datetime,
    at: datetime,
) -> list[Finding]:
    """Name the calls we have from this provider that its list of since then does not hold, and the
    recordings of which we have no copy yet that it does not have either.

    What was told before the demo began is not asked for.
    """
    begin, end = max(since + EDGE, terms.demo_began_at() or since), at - LISTED_AFTER
    found = {
        FindingKind.ELSEWHERE: _calls(provider, calls, begin, end),
        FindingKind.SOUND: _recordings(provider, recordings, begin, end),
    }
    return [
        Finding(
            provider=provider,
            key=f"{kind}:{ref}",
            kind=kind,
            reason=FindingReason.UNKNOWN_THERE,
            call_ref=call_ref,
            happened_at=happened_at,
            found_at=at,
        )
        for kind, those in found.items()
        for ref, call_ref, happened_at in those
    ]


def _calls(
    provider: str, listed: Collection[str], begin: datetime, end: datetime
) -> list[Unlisted]:
    """Those that began between `begin` and `end`."""
    ours = select(Call.call_ref, Call.call_ref, Call.started_at).where(
        Call.provider == provider, Call.started_at > begin, Call.started_at < end
    )
    return _besides(ours, listed)


def _recordings(
    provider: str, listed: Collection[str], begin: datetime, end: datetime
) -> list[Unlisted]:
    """Those of which we heard between `begin` and `end`."""
    ours = (
        select(Recording.recording_ref, Call.call_ref, Recording.announced_at)
        .join(Recording.call)
        .where(
            Call.provider == provider,
            Recording.fetched_at.is_(None),
            Recording.announced_at > begin,
            Recording.announced_at < end,
        )
    )
    return _besides(ours, listed)


def _besides(ours: Select[Unlisted], listed: Collection[str]) -> list[Unlisted]:
    return [row for row in db.session.execute(ours).tuples() if row[0] not in listed]
