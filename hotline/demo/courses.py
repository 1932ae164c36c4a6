"""How tickets of the past went that the hotline dealt with itself: from the ring to the proof.

A course returns None when it would not have ended before the demo starts; then nothing of it is
in the book.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from hotline.callbacks import messages
from hotline.demo import by_message, sound
from hotline.demo.book import Row
from hotline.demo.matters import Matter
from hotline.demo.story import Story
from hotline.demo.texts import remarks
from hotline.demo.world import Guest, World
from hotline.sla import deadlines, policies
from models import (
    CallbackEnd,
    CallbackKind,
    CallResult,
    How,
    NoMatterKind,
    Outcome,
    Resolution,
    Satisfaction,
    Source,
    Urgency,
    User,
)

UNANSWERED = (
    *[CallResult.MISSED] * 3,
    *[CallResult.ABANDONED] * 3,
    *[CallResult.VOICEMAIL] * 2,
    CallResult.HUNG_UP_EARLY,
)
# What an answer at once amounts to where it is no answer of ours.
ENDS = {
    "already_in_court": Resolution.DECLINED,
    "city_services": Resolution.REFERRED,
    "insurance_transfer": Resolution.REFERRED,
}


def taken(world: World, guest: Guest, at: datetime, matter: Matter) -> tuple[Story, User, Row]:
    """A call that was answered and written down: its story, who answered, the call."""
    story, operator = Story(world, guest, at), world.operator_at(at)
    call = story.rings(
        at,
        by=operator,
        rang=world.seconds(3, 14) if not world.one_in(12) else world.seconds(16, 48),
        lasts=world.seconds(70, 460),
    )
    told_at = call["answered_at"] + (call["ended_at"] - call["answered_at"]) * 0.6
    story.describe(told_at, operator, matter.category, matter.words)
    return story, operator, call


def written(
    world: World, guest: Guest, at: datetime, matter: Matter, source: Source
) -> tuple[Story, User]:
    """A matter that came another way than by telephone, written down in office hours."""
    at = world.office_time(at, timedelta(minutes=1), timedelta(minutes=90))
    operator = world.operator_at(at)
    story = Story(world, guest, at, source=source, by=operator)
    if source in (Source.HOTLINE_12345, Source.HOTLINE_12351):
        serial = world.rng.randrange(100, 9000)
        story.ticket["outer_number"] = f"{source.value}-{at:%Y%m%d}-{serial:04d}"
        department = world.departments["hotline"]
        story.ticket["outer_due_at"] = deadlines.rework_due(at, department)
    told_at = at + world.minutes(3, 12)
    story.describe(told_at, operator, matter.category, matter.words)
    return story, operator


def is_past(world: World, at: datetime) -> bool:
    """Whether `at` lies far enough back to be history when the demo starts."""
    return at < world.start - timedelta(minutes=5)


def answered_directly(world: World, at: datetime, matter: Matter) -> Story | None:
    """Asked and answered in one call."""
    guest = world.guest(matter, at, has_number=not world.one_in(60))
    story, operator, call = taken(world, guest, at, matter)
    closed_at = call["ended_at"] + world.seconds(4, 50)
    if not is_past(world, closed_at):
        return None
    story.close(
        closed_at,
        operator,
        ENDS.get(matter.category.code, Resolution.ANSWERED_DIRECTLY),
        told=story.text(matter.asked.answer),
        call_id=call,
        satisfaction=Satisfaction.SATISFIED if world.one_in(3) else None,
    )
    return story.tell()


def asked_again(world: World, at: datetime, matter: Matter) -> Story | None:
    """The same facts after a lawful answer: a supervisor says that it is not taken up again."""
    matter = replace(matter, question=remarks.AGAIN + matter.question, tail="")
    story, _, call = taken(world, world.guest(matter, at), at, matter)
    closed_at = call["ended_at"] + world.seconds(60, 600)
    if not is_past(world, closed_at):
        return None
    story.ticket["is_repeat"] = True
    supervisor = world.user("sup")
    told = remarks.REPEATED
    story.close(closed_at, supervisor, Resolution.CLOSED_REPEAT, told=told, call_id=call)
    return story.tell()


def without_a_matter(world: World, at: datetime, matter: Matter) -> Story | None:
    """A wrong number, silence, an advert: one key."""
    guest = Guest.new(world.crowd.person(matter.asked.who, has_number=not world.one_in(8)), at)
    guest.caller.values |= {"name": "", "employer": "", "is_member": None}
    story, operator = Story(world, guest, at), world.operator_at(at)
    call = story.rings(at, by=operator, lasts=world.seconds(4, 25))
    closed_at = call["ended_at"] + world.seconds(2, 9)
    if not is_past(world, closed_at):
        return None
    kind = world.rng.choice(tuple(NoMatterKind))
    story.ticket["operator_id"] = operator.id
    if world.one_in(3):
        category = world.categories["no_matter"]
        story.describe(closed_at, operator, category, remarks.NO_MATTER[kind.value])
    story.close(
        closed_at,
        operator,
        Resolution.NO_MATTER,
        how=How.NO_MATTER,
        end=CallbackEnd.NOT_NEEDED,
        call_id=call,
        no_matter=kind,
    )
    return story.tell()


def rung_back(world: World, at: datetime, matter: Matter) -> Story | None:
    """Nobody picked up, or the caller hung up first; we rang back and answered."""
    guest = world.guest(matter, at)
    story = Story(world, guest, at)
    result = world.rng.choice(UNANSWERED)
    is_early = result is CallResult.HUNG_UP_EARLY
    call = story.rings(at, result, rang=world.seconds(*((2, 5) if is_early else (12, 55))))
    if call["result"] is CallResult.VOICEMAIL:
        call["ended_at"] = call["heard_at"] = call["ended_at"] + timedelta(seconds=sound.SECONDS)
        story.rows.append(sound.recording(world, call))
    promised_at = call["ended_at"]
    due_at = deadlines.return_call_due(promised_at)
    callback = story.promise(CallbackKind.RETURN_CALL, promised_at, due_at)
    if is_early:
        callback["max_attempts"] = policies.get("hung_up_early_attempts")
    tried_at = world.office_time(promised_at, timedelta(minutes=4), timedelta(minutes=55))
    operator = world.operator_at(tried_at)
    if not is_early and world.one_in(4):
        tried_at = _tried_in_vain(story, callback, tried_at, operator)
    closed_at = tried_at + world.minutes(3, 8)
    if not is_past(world, closed_at):
        return None
    if world.one_in(9):
        return _given_up(story, callback, tried_at)
    attempt = story.attempt(callback, tried_at, operator, Outcome.REACHED)
    story.describe(closed_at - timedelta(minutes=1), operator, matter.category, matter.words)
    told = story.text(matter.asked.answer)
    story.close(closed_at, operator, Resolution.ANSWERED_DIRECTLY, told=told, attempt_id=attempt)
    return story.tell()


def answered_later(world: World, at: datetime, matter: Matter, *, source: Source) -> Story | None:
    """Came by visit, letter or net; looked up and told by telephone, or as the caller chose."""
    guest = world.guest(matter, at)
    story, operator = written(world, guest, at, matter, source)
    promised_at = story.rows[-1]["at"] + world.minutes(1, 6)
    told = story.text(matter.asked.answer)
    if source is Source.NET and len(told) <= messages.LONGEST_WORDS and world.one_in(2):
        closed_at = by_message.told(story, promised_at, operator, told)
        return story.tell() if is_past(world, closed_at) else None
    due_at = deadlines.tell_due(promised_at)
    callback = story.promise(CallbackKind.TELL, promised_at, due_at, owner=operator, words=told)
    tried_at = world.office_time(promised_at, timedelta(minutes=20), timedelta(hours=6))
    closed_at = tried_at + world.minutes(2, 6)
    if not is_past(world, closed_at):
        return None
    operator = world.operator_at(tried_at)
    attempt = story.attempt(
        callback, tried_at, operator, Outcome.REACHED, world.choice(remarks.REACHED)
    )
    report_back(story, closed_at, operator)
    story.close(closed_at, operator, Resolution.ANSWERED_DIRECTLY, told=told, attempt_id=attempt)
    return story.tell()


def emergency(world: World, at: datetime, matter: Matter) -> Story | None:
    """Somebody in danger: a second person rings for help, the caller is rung the same day."""
    guest = Guest.new(world.crowd.person(matter.asked.who, "factory"), at)
    story, operator, call = taken(world, guest, at, matter)
    story.ticket.values |= {
        "urgency": Urgency.CRITICAL,
        "is_emergency": True,
        "is_supervised": True,
    }
    leader = world.user("sup")
    ended_at = call["ended_at"]
    story.note(ended_at - timedelta(seconds=40), leader, "已同时拨打120、110并派街道总工会到场。")
    due_at = deadlines.safety_due(ended_at)
    callback = story.promise(CallbackKind.SAFETY, ended_at, due_at, owner=operator)
    rung_at = ended_at + world.minutes(25, 70)
    if not is_past(world, rung_at):
        return None
    words = "来电人已由同事和民警陪同送医，情绪稳定，街道总工会明日上门看望。"
    attempt = story.attempt(callback, rung_at, operator, Outcome.REACHED, words)
    story.close(
        rung_at + timedelta(minutes=4),
        operator,
        Resolution.ANSWERED_DIRECTLY,
        told=matter.asked.answer,
        attempt_id=attempt,
        is_solved=True,
        satisfaction=Satisfaction.SATISFIED,
    )
    return story.tell()


def report_back(story: Story, at: datetime, by: User) -> None:
    """Pay the second debt where somebody sent the ticket to us."""
    if story.ticket.values.get("outer_number"):
        story.ticket["outer_reported_at"] = at
        story.fact("report_back", at, by, text=remarks.REPORTED)


def _tried_in_vain(story: Story, callback: Row, at: datetime, by: User) -> datetime:
    """One ring nobody answered; returns when the next one follows."""
    world = story.world
    outcome = world.rng.choice((Outcome.NO_ANSWER, Outcome.BUSY, Outcome.REFUSED_CALL))
    note = world.choice(remarks.NOT_REACHED[outcome.value])
    story.attempt(callback, at, by, outcome, note)
    return world.time_within(callback["not_before_at"], callback["due_at"])


def _given_up(story: Story, callback: Row, at: datetime) -> Story | None:
    """Two rings in vain; a supervisor who made neither signs."""
    world = story.world
    operator = world.user("op2")
    while True:
        note = world.choice(remarks.NOT_REACHED["no_answer"])
        story.attempt(callback, at, operator, Outcome.NO_ANSWER, note)
        if callback.values.get("exhausted_at") is not None:
            break
        at = world.time_within(callback["not_before_at"], callback["due_at"])
    at = world.office_time(at, timedelta(hours=1), timedelta(hours=6))
    if not is_past(world, at):
        return None
    sign_unreachable(story, at, operator)
    return story.tell()


def sign_unreachable(story: Story, at: datetime, asked_by: User) -> None:
    """Somebody who tried nothing signs that everything was tried."""
    signer = story.world.user("sup")
    story.close(
        at,
        signer,
        Resolution.UNREACHABLE,
        how=How.UNREACHABLE,
        end=CallbackEnd.UNREACHABLE,
        asked_by_id=asked_by.id,
        signed_by_id=signer.id,
        signed_at=at,
    )
