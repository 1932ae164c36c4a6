"""Asking the provider what it knows, and taking in what we did not."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import select

from hotline import clock
from hotline.findings import other_way, service
from hotline.sweeps import each_alone, in_portions
from hotline.telephony import adapter, form_fields, inbox, spool
from hotline.telephony.form_fields import Fields, Malformed
from hotline.telephony.inbound import Event, Kind
from hotline.telephony.provider import Provider, ProviderError, Refusal
from hotline.unit_of_work import unit_of_work
from models import Finding, FindingKind, FindingReason, Reconciliation, Webhook, db

log = structlog.get_logger()
LOOKED_BACK = timedelta(hours=48)
ON_ITS_WAY = timedelta(minutes=1)  # a younger report may be about to come by itself
TOLD_AFTER = timedelta(minutes=15)  # from the end of a call until the provider tells its requests
KEYS_AT_ONCE = 500
TOLD_AT_MOST = 20  # calls whose requests are asked for in one go


@dataclass(frozen=True)
class Report:
    """One thing of the provider's lists, as if its webhook had come."""

    event: Event
    fields: Fields
    told_at: datetime | None  # when it happened, as the list says


@dataclass
class Answers:
    """Everything the provider told us at once, and what we can tell of it ourselves."""

    calls: Sequence[Fields]
    recordings: Sequence[Fields]
    refusals: Sequence[Refusal]
    on_disk: Collection[str] = ()
    foreign: Collection[str] = ()
    questions_left: int = TOLD_AT_MOST
    refused: Mapping[str, Refusal] = field(init=False)

    def __post_init__(self) -> None:
        self.refused = {one.call_ref: one for one in self.refusals}


def reconcile_calls() -> int:
    """Ask the provider what it knows of the last two days; return how much of it was news.

    It goes through the same inbox as webhooks: what we know already changes nothing. What had been
    missing is written down with its repair, and so is what the provider does not know.
    """
    provider, at = adapter.provider(), clock.now()
    since = at - LOOKED_BACK
    outcome = Reconciliation(provider=provider.name, asked_at=at, succeeded=False, found=0)
    try:
        answers = _ask(provider, since)
    except ProviderError as error:
        log.warning("the provider could not be asked", error=type(error).__name__)
        outcome.error = type(error).__name__
        with unit_of_work():
            service.asked(outcome)
        return 0
    outcome.succeeded = True
    outcome.calls = sum("ParentCallSid" not in one for one in answers.calls)  # legs are none
    outcome.recordings = len(answers.recordings)
    outcome.refusals = len(answers.refusals)
    news = _news(provider, answers, outcome)
    learn = partial(_learn, provider, answers, outcome)
    learned = each_alone(range(len(news)), lambda place: learn(news[place]), name="reconcile_calls")
    calls = _refs(answers.calls, "CallSid")
    sounds = _refs(answers.recordings, "RecordingSid")
    told = other_way.unlisted(provider.name, calls, sounds, since=since, at=at)
    told += [_refused(provider.name, one, at) for one in answers.refusals]
    outcome.found += _write_down(provider.name, told)
    with unit_of_work():
        service.asked(outcome)
    return learned


def _ask(provider: Provider, since: datetime) -> Answers:
    """Every list to its last page; raises ProviderError when one of them does not come whole."""
    calls = list(provider.list_calls(since=since))
    return Answers(
        calls,
        list(provider.list_recordings(since=since)),
        list(provider.list_refusals(since=since)),
        {str(one.form.get("CallSid", "")) for one in _spooled()},
        _foreign(provider.name, calls),
    )


def _refs(listed: Sequence[Fields], name: str) -> set[str]:
    return {form_fields.single(one, name) or "" for one in listed}


def _foreign(provider: str, calls: Sequence[Fields]) -> set[str]:
    """The calls that somebody else lets be placed on our account: they and what belongs to them are
    none of ours."""
    placed = {
        form_fields.single(one, "CallSid") or ""
        for one in calls
        if form_fields.single(one, "Direction") == "outbound-api"
    }
    return {ref for ref in placed if service.known(provider, ref) is None}


def _spooled() -> list[spool.Spooled]:
    return list(spool.waiting(adapter.spool_folder(), at=clock.now()))


def _news(provider: Provider, answers: Answers, outcome: Reconciliation) -> list[Report]:
    """What did not come before, calls first and what belongs to them afterwards."""
    settled = outcome.asked_at - ON_ITS_WAY
    listed = [(Kind.STATUS, one) for one in answers.calls]
    listed += [(Kind.RECORDING, one) for one in answers.recordings]
    reports = []
    for kind, fields in listed:
        try:
            report = _report(provider, kind, fields)
        except Malformed as error:
            outcome.found += _note_unread(provider.name, kind, fields, error, outcome.asked_at)
            continue
        is_old_enough = report.told_at is None or report.told_at <= settled
        if is_old_enough and service.ref_of(report.event) not in answers.foreign:
            reports.append(report)
    seen = _seen(provider.name, [one.event.event_key for one in reports])
    news = [one for one in reports if one.event.event_key not in seen]
    return sorted(news, key=lambda one: getattr(one.event, "parent_ref", None) is not None)


def _seen(provider: str, keys: Sequence[str]) -> set[str]:
    """Those of `keys` that came before, by a webhook or by asking."""
    found: set[str] = set()
    for begin in range(0, len(keys), KEYS_AT_ONCE):
        some = keys[begin : begin + KEYS_AT_ONCE]
        kept = select(Webhook.event_key).where(
            Webhook.provider == provider, Webhook.event_key.in_(some)
        )
        found.update(db.session.scalars(kept))
    return found


def _report(provider: Provider, kind: Kind, fields: Fields) -> Report:
    event = provider.parse(kind, fields, {})
    return Report(event, fields, form_fields.instant(fields, "Timestamp"))


def _learn(provider: Provider, answers: Answers, outcome: Reconciliation, report: Report) -> None:
    """Take in one report; what it brings is written down in the same transaction."""
    at, event = clock.now(), report.event
    reason, detail = _why(provider, answers, report, at)
    with unit_of_work():
        before = service.known(provider.name, service.ref_of(event))
        form = inbox.form_of(report.fields, {})
        inbox.take_in_late(event, form, adapter.switchboard(), at=at)
        after = service.known(provider.name, service.ref_of(event))
        kind = service.missing(event, before, after)
        if kind is None:
            return
        moment = service.happened_at(event, kind, after, report.told_at or at)
        outcome.found += service.record(
            event,
            kind,
            reason,
            provider=provider.name,
            detail=detail,
            happened_at=moment,
            at=at,
        )


def _why(
    provider: Provider, answers: Answers, report: Report, at: datetime
) -> tuple[FindingReason, str]:
    """Why nobody told us, as far as disk, database and provider know; outside any unit of work."""
    ref = service.ref_of(report.event)
    failed = service.was_not_interpreted(provider.name, ref)
    is_known = service.known(provider.name, ref) is not None
    db.session.rollback()  # nothing is held while the provider is asked
    if ref in answers.on_disk:
        return FindingReason.ON_DISK, ""
    if failed:
        return FindingReason.NOT_INTERPRETED, ""
    if ref in answers.refused:
        refusal = answers.refused[ref]
        return FindingReason.REFUSED, f"{refusal.route} {refusal.code}"
    is_told = report.told_at is not None and at - report.told_at > TOLD_AFTER
    if is_known or not is_told or not answers.questions_left:
        return FindingReason.NO_WEBHOOK, ""
    answers.questions_left -= 1
    return _why_by_requests(provider, ref)


def _why_by_requests(provider: Provider, call_ref: str) -> tuple[FindingReason, str]:
    """What the provider's own record of a call says: was it asked, and how was it answered?"""
    try:
        asked = provider.list_exchanges(call_ref)
    except ProviderError as error:
        log.warning("the requests of a call are not told", error=type(error).__name__)
        return FindingReason.NO_WEBHOOK, ""
    bad = next((one for one in asked if one.status != 200), None)
    if bad is not None:
        return FindingReason.REFUSED, f"{bad.route} {bad.status or ''}".strip()
    return (FindingReason.NOT_KEPT, asked[0].route) if asked else (FindingReason.NO_WEBHOOK, "")


def _refused(provider: str, refusal: Refusal, at: datetime) -> Finding:
    return Finding(
        provider=provider,
        key=f"{FindingKind.REQUEST}:{refusal.ref}",
        kind=FindingKind.REQUEST,
        reason=FindingReason.REFUSED,
        call_ref=refusal.call_ref[:64],
        detail=f"{refusal.route} {refusal.code}"[:120],
        happened_at=refusal.at,
        found_at=at,
    )


def _write_down(provider: str, told: Sequence[Finding]) -> int:
    """Write down what had not been found before; return how much it was.

    After a bad day the same thousands are told for two days: no webhook waits for them.
    """
    before = service.written(provider, [one.key for one in told])
    db.session.rollback()
    news = [one for one in told if one.key not in before]

    def write(places: Sequence[int]) -> int:
        return sum(service.write(news[place]) for place in places)

    return in_portions(range(len(news)), write)


def _note_unread(provider: str, kind: Kind, fields: Fields, error: Malformed, at: datetime) -> bool:
    """One thing of a list that we cannot read stops no other, and is named."""
    ref = str(next(iter(fields.get("CallSid", ())), ""))
    log.warning("the provider lists what we cannot read", kind=kind, error=str(error))
    with unit_of_work():
        return service.note(
            FindingKind.UNREAD,
            FindingReason.MALFORMED,
            provider=provider,
            key=f"{FindingKind.UNREAD}:{kind}:{ref[:64]}",
            call_ref=ref,
            detail=f"{kind}: {error}",
            happened_at=at,
            at=at,
        )
