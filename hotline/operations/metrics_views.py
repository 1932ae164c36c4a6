"""GET /metrics: figures to watch, in Prometheus' text, for whoever knows METRICS_TOKEN.

What is counted comes from the database and is the same in every process. How long requests took
is known to the process that answered them, and to no other. Nothing is told of any one person,
call or ticket.
"""

import hmac
from collections.abc import Iterator, Mapping
from time import perf_counter

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from config import Config
from hotline import clock
from hotline.operations import lateness, vital_signs
from hotline.telephony import adapter, spool

bp = Blueprint("metrics", __name__)
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MARKS = {"tick": "seconds_since_tick", "backup": "seconds_since_backup"}


@bp.before_request
def know_the_token() -> None:
    """Look like nothing to whoever does not know the token, or where there is none."""
    token = _config().METRICS_TOKEN
    given = request.headers.get("Authorization", "").encode()
    if not token or not hmac.compare_digest(given, f"Bearer {token}".encode()):
        abort(Response(status=404))


know_the_token.is_guard = True  # type: ignore[attr-defined]


@bp.get("/metrics")
def metrics() -> Response:
    text = generate_latest(current_app.extensions["metrics"])
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def init_app(app: Flask, config: Config) -> None:
    """Measure every request of this process, where somebody may ask for it."""
    if not config.METRICS_TOKEN:
        return
    registry = app.extensions["metrics"] = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(FromTheDatabase())
    seconds = Histogram(
        "huiyin_request_seconds",
        "How long requests took in this process until their answer began.",
        ("endpoint", "status"),
        registry=registry,
        buckets=BUCKETS,
    )

    @app.before_request
    def begin() -> None:
        g.began = perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        if "began" in g:
            status = f"{response.status_code // 100}xx"
            seconds.labels(request.endpoint or "none", status).observe(perf_counter() - g.began)
        return response


class FromTheDatabase(Collector):
    """What is so right now, counted when somebody asks."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            found = list(_counted())
        except SQLAlchemyError:
            found = []
        yield _one("database_up", "1 when the database answered.", bool(found))
        yield from found
        folder = adapter.spool_folder()
        on_disk = {"waiting": spool.count_waiting(folder), "bad": spool.count_put_aside(folder)}
        yield _many("spooled_webhooks", "Webhooks on this machine's disk.", "state", on_disk)


def _counted() -> Iterator[GaugeMetricFamily]:
    at = clock.now()
    for mark, name in MARKS.items():
        age = vital_signs.since_mark(mark, at)
        if age is not None:
            yield _one(name, f"Since the last {mark}.", age.total_seconds())
    silence = vital_signs.since_provider_answered(at)
    if silence is not None:
        said = "Since the telephone company last told what it knows."
        yield _one("seconds_since_provider_answered", said, silence.total_seconds())
    waited = lateness.oldest_due(at).total_seconds()
    yield _one("oldest_due_reminder_seconds", "How long the oldest due reminder waited.", waited)
    late = lateness.late(at)
    is_late = {kind: int(kind in late) for kind in lateness.KINDS}
    yield _many("late", "1: somebody has to look at it.", "what", is_late)
    unread = vital_signs.unread_webhooks()
    yield _one("uninterpreted_webhooks", "Webhooks kept that nobody could interpret.", unread)
    overdue = vital_signs.overdue_callbacks(at)
    yield _one("overdue_callbacks", "Callers who should have been rung by now.", overdue)
    calls, messages = vital_signs.calls(at), vital_signs.messages(at)
    yield _many("calls", "Calls that go on, or began within a day.", "state", calls)
    yield _many(
        "outbox_messages", "Messages not finished, or due within a day.", "status", messages
    )
    intents, doubts = vital_signs.call_intents(at), vital_signs.doubts(at)
    yield _many("call_intents", "Calls to be placed for us, of a day.", "status", intents)
    yield _many("doubted_messages", "Messages sent again after doubt, of a day.", "fate", doubts)
    unclosed = vital_signs.unclosed_tickets()
    yield _many("unclosed_tickets", "Tickets that are not closed.", "status", unclosed)


def _one(name: str, said: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"huiyin_{name}", said, value=value)


def _many(name: str, said: str, label: str, values: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"huiyin_{name}", said, labels=[label])
    for word, value in values.items():
        family.add_metric([word], value)
    return family


def _config() -> Config:
    config: Config = current_app.config["HUIYIN"]
    return config
