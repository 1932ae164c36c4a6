"""How a ticket goes that a department has to deal with, until its caller was told."""

from typing import Any

from bench.endings import IN_VAIN, Endings
from bench.passages import WORK
from bench.seconds import DAY, HOUR, MINUTE, WORKING_DAY
from bench.words import Matter
from bench.world import World
from hotline.demo.texts import remarks
from models import (
    CallbackEnd,
    CallbackKind,
    How,
    Level,
    Outcome,
    Resolution,
    Satisfaction,
    Source,
    Urgency,
)

RATINGS = (
    *[Satisfaction.SATISFIED] * 74,
    *[Satisfaction.BASICALLY] * 14,
    *[Satisfaction.UNRATED] * 5,
    *[Satisfaction.NOT_SATISFIED] * 7,
)


def through_a_department(tale: Endings, at: int, matter: Matter) -> None:
    """Written down, handed off, worked on, answered, told."""
    world, ticket = tale.world, tale.ticket
    if ticket["source"] is Source.PHONE:
        by, at, _ = tale.taken(at, matter)
    else:
        by = ticket["operator_id"]
        at += 3 * MINUTE
        tale.describe(at, by, matter)
    _mark(tale, matter)
    department = _lead_of(world, matter)
    world.lately.append((tale.id, tale.guest))
    at = _accepted(tale, at + 30, by, department)
    if world.chance(0.015) and ticket["source"] is Source.PHONE:
        _withdrawn(tale, at)
        return
    at = _worked_on(tale, at)
    tells = bool(tale.guest.number) and not ticket.get("is_confidential")
    tale.answer(at, matter, told=tells and world.chance(0.45))
    _told_the_result(tale, at, matter)


def _mark(tale: Endings, matter: Matter) -> None:
    """Urgent, confidential, granted a higher level, one of many with the same matter."""
    world, ticket = tale.world, tale.ticket
    if world.chance(0.06):
        ticket["urgency"] = Urgency.URGENT
    if matter.category.is_sensitive and world.chance(0.5):
        ticket["is_confidential"] = True
        ticket["safe_summary"] = f"一名职工反映{matter.category.name_zh}问题，要求保密办理。"
    if ticket["level"] is Level.DIFFICULT and world.chance(0.14):
        ticket["level"] = Level.COMPLEX
    ticket["is_repeat"] = world.chance(0.03)
    if world.chance(0.002) and not world.collective[1]:
        size, at = world.within(3, 30), ticket["opened_at"]
        row = world.book.collectives.add(
            name=matter.subject, created_at=at, callers_count=size,
            created_by_id=ticket["operator_id"],
        )  # fmt: skip
        world.collective = [row["id"], size]
    if world.collective[1] and world.chance(0.3):
        ticket["collective_id"] = world.collective[0]
        world.collective[1] -= 1


def _lead_of(world: World, matter: Matter) -> int:
    """The lead of the category; now and then the street, an enterprise union, an outside body."""
    point = world.rng.random()
    if point < 0.22:
        return world.house.local[world.within(0, len(world.house.local))]
    if point < 0.25:
        return world.house.external[world.within(0, len(world.house.external))]
    return matter.lead


def _accepted(tale: Endings, at: int, by: int, department: int) -> int:
    """Handed to its department, sometimes by way of a wrong one; returns when it was accepted."""
    world, house = tale.world, tale.world.house
    while world.chance(0.06):
        wrong = house.local[world.within(0, len(house.local))]
        if wrong == department:
            continue
        tale.hand_off(at, wrong, by)
        at = world.office_time(at, 15 * MINUTE, 2 * HOUR)
        tale.ask_return(at, house.handler_of(wrong, at), department)
        at = world.office_time(at, 8 * MINUTE, 2 * HOUR)
        tale.send_back(at, world.operator_at(at))
        at += 2 * MINUTE
    tale.hand_off(at, department, by)
    handler = house.handler_of(department, at)
    if world.chance(0.03):
        at = world.office_time(at, 10 * MINUTE, HOUR)
        tale.ask_return(at, handler, house.local[0])
        at = world.office_time(at, 10 * MINUTE, HOUR)
        tale.refuse_return(at, world.operator_at(at))
    is_late = world.chance(0.07)
    spans = (130 * MINUTE, 8 * HOUR) if is_late else (4 * MINUTE, 115 * MINUTE)
    at = world.office_time(at, *spans)
    tale.accept(at, handler)
    return at


def _worked_on(tale: Endings, at: int) -> int:
    """From the accepting to the answer; returns when the answer comes."""
    world, handoff = tale.world, tale.handoff
    is_short = tale.ticket.get("urgency", Urgency.NORMAL) is not Urgency.NORMAL
    least, most = WORK[Level.CONSULTATION if is_short else tale.ticket["level"]]
    amount = world.within(least, most)
    half_at = world.hours.add(at, amount // 2)
    if world.chance(0.3):
        tale.fact("note", half_at, handoff["handler_id"], text=remarks.NOTES[3])
    point = world.rng.random()
    if point < 0.04:
        until = world.hours.after_days(half_at, 3)
        ended_at = world.office_time(half_at, HOUR, 2 * WORKING_DAY)
        tale.wait(half_at, until, min(ended_at, until))
        half_at = min(ended_at, until)
    elif point < 0.045:
        review_at = half_at + world.within(20, 90) * DAY
        resumed_at = world.office_time(review_at, 0, 3 * WORKING_DAY)
        tale.suspend(half_at, world.supervisor(half_at), review_at, resumed_at)
        half_at = resumed_at
    elif point < 0.075 and half_at < handoff["handle_due_at"]:
        decided_at = world.office_time(half_at, 10 * MINUTE, 2 * HOUR)
        if decided_at < handoff["handle_due_at"]:
            decider = world.supervisor(decided_at, but=handoff["handler_id"])
            tale.extend(half_at, decided_at, decider)
            half_at, amount = decided_at, amount + 2 * WORKING_DAY
    half_at = _rung_meanwhile(tale, half_at)
    answered_at = world.hours.add(half_at, max(amount - amount // 2, 1))
    if world.chance(0.055):
        late_at = world.office_time(handoff["handle_due_at"], HOUR, 2 * WORKING_DAY)
        answered_at = max(answered_at, late_at)
    return answered_at


def _rung_meanwhile(tale: Endings, at: int) -> int:
    """The caller rings to ask how it goes, or to add something."""
    world = tale.world
    while world.chance(0.42):
        at = world.office_time(at, 5 * MINUTE, 40 * MINUTE)
        by = world.operator_at(at)
        call = tale.rings(at, by, rang=world.within(3, 14), lasts=75)
        at = call["ended_at"]
        if world.chance(0.3):
            tale.fact("chase", at, by)
            tale.ticket["chased_count"] = tale.ticket.get("chased_count", 0) + 1
    return at


def _withdrawn(tale: Endings, at: int) -> None:
    """The caller rings again and takes the matter back."""
    at = tale.world.office_time(at, HOUR, 6 * HOUR)
    by = tale.world.operator_at(at)
    call = tale.rings(at, by, rang=6, lasts=90)
    tale.close(
        call["ended_at"], by, How.IN_CALL, Resolution.WITHDRAWN, kind="withdraw",
        end=CallbackEnd.NOT_NEEDED, told=remarks.WITHDRAWN[0], call_id=call["id"],
    )  # fmt: skip


def _told_the_result(tale: Endings, at: int, matter: Matter) -> None:
    """Ring until the caller is told, or until somebody signs; the unsatisfied get a rework."""
    world, handoff = tale.world, tale.handoff
    if not tale.guest.number:
        _kept(tale, at)
        return
    has_told = "told_caller_at" in handoff
    kind = CallbackKind.FOLLOW_UP if has_told else CallbackKind.TELL
    due, owner = world.hours.after_days(at, 1), world.operator_at(at)
    tale.promise(kind, at, due, owner=owner, words=matter.words)
    rings_at = world.office_time(at, 15 * MINUTE, 7 * HOUR)
    by = world.operator_at(rings_at)
    missed, share = 0, 0.17
    while world.chance(share):
        missed, share = missed + 1, 0.45
        outcome = IN_VAIN[world.within(0, len(IN_VAIN))]
        tale.attempt(rings_at, by, outcome, is_last=missed == 3)
        if missed == 3:
            _given_up(tale, rings_at, by)
            return
        rings_at = world.office_time(rings_at, 2 * HOUR, WORKING_DAY)
    _reached(tale, rings_at, by, matter)


def _kept(tale: Endings, at: int) -> None:
    """No number: the answer is kept for the caller, and after a month a second person signs."""
    by = tale.world.operator_at(at)
    tale.fact("keep", at + 20 * MINUTE, by)
    tale.ticket.update(kept_since_at=at + 20 * MINUTE, kept_by_id=by)
    signed_at = tale.world.office_time(at + 31 * DAY, MINUTE, 5 * HOUR)
    signer = tale.world.supervisor(signed_at)
    tale.close(
        signed_at, signer, How.NO_WAY_TO_REACH, Resolution.UNREACHABLE, asked_by_id=by,
        signed_by_id=signer, signed_at=signed_at, end=CallbackEnd.NOT_NEEDED,
    )  # fmt: skip
    tale.ticket.update(kept_since_at=None, kept_by_id=None)


def _given_up(tale: Endings, at: int, by: int) -> None:
    """Closed on the department's word where it told the caller, else as unreachable."""
    handoff, signed_at = tale.handoff, tale.world.office_time(at, HOUR, 7 * HOUR)
    if "told_caller_at" not in handoff:
        tale.sign_unreachable(signed_at, by)
        return
    solved = handoff["is_solved"]
    tale.close(
        signed_at,
        tale.world.supervisor(signed_at),
        How.TOLD_BY_DEPARTMENT,
        Resolution.SOLVED if solved else Resolution.EXPLAINED,
        told=handoff["answer"],
        end=CallbackEnd.UNREACHABLE,
        handoff_id=handoff["id"],
    )


def _reached(tale: Endings, at: int, by: int, matter: Matter) -> None:
    world, rating = tale.world, RATINGS[tale.world.within(0, 100)]
    is_rated = rating is not Satisfaction.UNRATED
    closed_at = at + world.within(2 * MINUTE, 7 * MINUTE)
    outcome = Outcome.REACHED if is_rated else Outcome.DECLINED_SURVEY
    attempt = tale.attempt(at, by, outcome)
    if rating is Satisfaction.NOT_SATISFIED:
        tale.ticket["dissatisfied_count"] = tale.ticket.get("dissatisfied_count", 0) + 1
    if rating is Satisfaction.NOT_SATISFIED and not tale.ticket.get("rework_count"):
        tale.rework(closed_at, by)
        answered_at = world.office_time(closed_at, 3 * HOUR, int(2.5 * WORKING_DAY))
        tale.answer(answered_at, matter, told=False)
        _told_the_result(tale, answered_at, matter)
        return
    signed: dict[str, Any] = {}
    if rating is Satisfaction.NOT_SATISFIED:
        closed_at = world.office_time(closed_at, HOUR, 5 * HOUR)
        signer = world.supervisor(closed_at)
        signed = {"asked_by_id": by, "signed_by_id": signer, "signed_at": closed_at}
        signed["dissatisfaction"] = remarks.STILL_DISSATISFIED[0]
    is_solved = matter.is_solved and not signed
    tale.close(
        closed_at,
        signed.get("signed_by_id", by),
        How.IN_CALL,
        Resolution.SOLVED if matter.is_solved else Resolution.EXPLAINED,
        told=matter.words,
        attempt_id=attempt["id"],
        was_contacted=not world.chance(0.04) if is_rated else None,
        is_solved=is_solved if is_rated else None,
        satisfaction=rating,
        **signed,
    )
