"""Keeping the figures of days that are over; sending the saved reports that are due."""

from datetime import datetime

import structlog
from flask_babel import force_locale
from flask_babel import gettext as _

from hotline import clock
from hotline.exports.download import XLSX, as_file
from hotline.figures import keeping, report, report_pages, saved, table_pages, touched
from hotline.figures.measures import MEASURES, RATES
from hotline.figures.period import Period
from hotline.figures.report import Report
from hotline.figures.wanted import Wanted
from hotline.outbox import service as outbox
from hotline.outbox import texts
from hotline.outbox.attachment import Attachment
from hotline.permissions import has
from hotline.sweeps import each_alone
from hotline.template_filters import percent
from hotline.unit_of_work import unit_of_work
from models import SavedReport, User, db

log = structlog.get_logger()
HERE = "zh"  # who chose no language
NOTES_AT_ONCE = 5000
DAYS_AT_ONCE = 30  # the rest next time: a first year takes a minute of computing
CHECKED_WITHIN = 30  # days: every day that is kept is looked at once in so many nights


def keep_figures() -> int:
    """Keep the figures of days that are over, and of those about which something was written;
    return how many."""
    now = clock.now()
    with unit_of_work():
        while keeping.sweep_touched(NOTES_AT_ONCE):
            pass
    as_of = keeping.turn()
    done = 0
    for day in keeping.missing(now, DAYS_AT_ONCE):
        rows = keeping.count(day, now)
        with unit_of_work():
            if not keeping.keep(rows, as_of):
                break
        done += 1
    db.session.rollback()
    return done


def check_figures() -> int:
    """Count some of the kept days anew; return how many differ. These are told to the supervisors,
    stand in the log, and are not kept any longer."""
    now = clock.now()
    found = 0
    for day in keeping.kept_days():
        if (day.toordinal() - now.toordinal()) % CHECKED_WITHIN:
            continue
        as_of = keeping.turn()
        is_right = keeping.fits(day, now) or day in touched.days() or keeping.turn() != as_of
        db.session.rollback()
        if not is_right:
            log.error("kept figures do not fit their rows", day=day.isoformat())
            with unit_of_work():
                keeping.throw_away({day})
                keeping.report(day, at=now)
            found += 1
    return found


def send_due_reports() -> int:
    """Send every saved report whose days are over, once; return how many."""
    now = clock.now()
    ids = saved.due(now)
    db.session.rollback()
    return each_alone(ids, _send, name="send_due_reports")


def _send(report_id: int) -> bool:
    """Reckon it for each who gets it, then write all letters and that it was sent, in one piece."""
    now = clock.now()
    row = db.session.get_one(SavedReport, report_id)
    period = saved.last_over(row.schedule, now)
    letters = [
        (person.id, _letter(row, person, period, now))
        for person in row.recipients
        if person.is_active and has(person, *saved.MAY_READ)
    ]
    db.session.rollback()  # what took long is read; nothing was held meanwhile
    with unit_of_work():
        row = db.session.get_one(SavedReport, report_id)
        if row.sent_for == period.name:
            return False
        for user_id, (subject, body, file) in letters:
            outbox.send_file(
                db.session.get_one(User, user_id),
                subject=subject,
                body=body,
                file=file,
                at=now,
                dedupe_key=f"report:{row.id}:{period.name}",
            )
        row.sent_for, row.sent_at = period.name, now
    return True


def _letter(
    row: SavedReport, person: User, period: Period, at: datetime
) -> tuple[str, str, Attachment]:
    """Subject, body and table of one report in the language of who gets it."""
    locale = person.locale or HERE
    wanted = Wanted.from_args(row.asked, at).of(period)
    found = report.report(wanted.scope(person, at), wanted.by)
    with force_locale(locale):
        when = report_pages.period_name(period)
        notes = [(_("Report"), row.name), (_("Period"), when)]
        name, content = as_file(table_pages.table(wanted, found), notes)
        lines = _lines(found)
    body = texts.render(
        "report_mail.txt", locale, name=person.display_name, report=row.name, when=when, lines=lines
    )
    return f"{row.name} {when}", body, Attachment(name, XLSX, content)


def _lines(found: Report) -> list[tuple[str, str]]:
    """The figures that stand in the letter itself."""
    total = found.total
    numbers = [
        (_(MEASURES[name].label), str(total.counts[name])) for name in report_pages.HEADLINES
    ]
    for name in report_pages.HEADLINE_RATES:
        rate = RATES[name]
        share = total.rate(rate.part, rate.whole)
        numbers.append((_(rate.label), percent(share)))
    return numbers
