"""What an administrator types about hours and days. Errors keep what was typed."""

from typing import Any

from flask import request
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, Field, RadioField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from hotline.calendars import hours_text, queries
from hotline.calendars.queries import Week
from hotline.calendars.service import WEEKDAYS
from hotline.error_pages import say
from hotline.errors import Invalid
from models import Department

_: Any = lazy_gettext  # forms are made once, and read in both languages

FIRST_YEAR, LAST_YEAR = 2015, 2099


def readable_hours(form: FlaskForm, field: Field) -> None:
    """A validator: the text is hours."""
    try:
        hours_text.parse(field.data or "")
    except Invalid as error:
        raise ValidationError(say(error)) from error


class OpeningHoursForm(FlaskForm):  # type: ignore[misc]
    mon = StringField(_("Monday"), [readable_hours])
    tue = StringField(_("Tuesday"), [readable_hours])
    wed = StringField(_("Wednesday"), [readable_hours])
    thu = StringField(_("Thursday"), [readable_hours])
    fri = StringField(_("Friday"), [readable_hours])
    sat = StringField(_("Saturday"), [readable_hours])
    sun = StringField(_("Sunday"), [readable_hours])

    @classmethod
    def showing(cls, week: Week) -> "OpeningHoursForm":
        """The form with the hours of `week`, unless something was typed already."""
        written = {day: hours_text.write(week[i]) for i, day in enumerate(WEEKDAYS)}
        return cls(data=written)

    @property
    def week(self) -> Week:
        return tuple(hours_text.parse(self[day].data or "") for day in WEEKDAYS)


class SpecialDayForm(FlaskForm):  # type: ignore[misc]
    on = DateField(_("Date"), [InputRequired(_("Choose a day."))])
    is_working = RadioField(
        _("This day is a"),
        [InputRequired(_("Choose one."))],
        choices=[("no", _("Day off")), ("yes", _("Working day"))],
    )
    hours = StringField(_("Hours"), [readable_hours])
    name = StringField(_("Name of the day"), [Length(max=64, message=_("64 characters at most."))])

    def validate_on(self, field: DateField) -> None:
        if field.data and not FIRST_YEAR <= field.data.year <= LAST_YEAR:
            raise ValidationError(_("Choose a day between 2015 and 2099."))

    @property
    def said(self) -> dict[str, Any]:
        """What was typed, in the words of the service."""
        return {
            "on": self.on.data,
            "is_working": self.is_working.data == "yes",
            "intervals": hours_text.parse(self.hours.data or ""),
            "name": (self.name.data or "").strip(),
        }


def show_refusal(form: FlaskForm, refusal: Invalid) -> None:
    """Put the sentence of the service beside the field that it is about."""
    form[refusal.field].errors = [say(refusal)]


def chosen_department() -> Department | None:
    """The department of the query; None: the house. Raises NotFound."""
    if not request.args.get("department"):
        return None
    return queries.department(request.args.get("department", -1, type=int))
