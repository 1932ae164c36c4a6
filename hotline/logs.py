"""The log: one JSON object a line on the standard error, readable Chinese, no personal data.

Whoever writes a line names ids, kinds and counts. What slips through in spite of that, in the text
of an error or the message of a library, loses its long runs of digits here.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

import structlog

# As long as a telephone number, or written as we show one. The number of a ticket goes on behind a
# dash, and the names of files have letters in them.
NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:(?:\+|%2[Bb])?\d{7,}|1\d\d \d{4} \d{4})(?![0-9A-Za-z-])")
MASKED = "…"
WRITTEN_BY_US = {"timestamp", "level"}


def configure(level: str, library: str) -> None:
    """Write our own lines, those of the logger `library`, and the warnings of all others, in the
    same way."""
    structlog.configure(
        processors=[*_shared(), _in_json()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Lines(),
        cache_logger_on_first_use=False,
    )
    handler = _StandardError()
    handler.setFormatter(for_libraries())
    logging.getLogger(library).handlers = [handler]
    others = _StandardError()
    others.setFormatter(for_libraries())
    others.setLevel(logging.WARNING)
    logging.lastResort = others  # for whoever has no handler, as the scheduler


def for_libraries() -> logging.Formatter:
    """How lines become ours that a library writes in its own words."""
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(), processors=[remove, mask_numbers, _in_json()]
    )


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_numbers,
    ]


def _in_json() -> structlog.processors.JSONRenderer:
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def mask_numbers(
    _logger: Any, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Take every run of seven digits and more out of what a line says."""
    for name, value in line.items():
        if isinstance(value, str) and name not in WRITTEN_BY_US:
            line[name] = NUMBER.sub(MASKED, value)
    return line


class _Lines:
    """Writes lines to the standard error. On a disk that is full a line is lost, and no answer."""

    def msg(self, line: str) -> None:
        with suppress(OSError):
            print(line, file=sys.stderr, flush=True)  # noqa: T201 — the log itself

    debug = info = warning = error = critical = exception = log = msg


class _StandardError(logging.StreamHandler[Any]):
    """Writes to what is the standard error now, not when this was made."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> Any:
        return sys.stderr
