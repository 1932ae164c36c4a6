"""The wall clock of the deployment: what people type is local time."""

from zoneinfo import ZoneInfo

from flask import current_app


def zone() -> ZoneInfo:
    """The time zone of screens and forms.

    Not flask_babel's: its zones are made for showing instants, and combined with a typed date they
    mean the local mean time of 1900, six minutes off.
    """
    return ZoneInfo(current_app.config["TIME_ZONE"])
