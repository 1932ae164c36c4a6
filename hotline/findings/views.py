"""The page of what was found at the provider, and the one that prints what to host there."""

from flask import Blueprint, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.errors import Invalid
from hotline.findings import queries, service
from hotline.findings.queries import FindingFilter, Page
from hotline.guards import guard
from hotline.labels import LABELS
from hotline.permissions import Permission, require
from hotline.telephony import adapter, flow, twiml
from hotline.tickets.filters import Asked
from hotline.unit_of_work import unit_of_work
from models import FindingKind, FindingReason

bp = Blueprint("findings", __name__)
bp.before_request(guard(Permission.SUPERVISE, Permission.ADMINISTER))


@bp.get("/calls/found")
def index() -> ResponseReturnValue:
    """What was missing here, the last found first, and when the provider was last asked."""
    at, provider = clock.now(), adapter.provider().name
    wanted, errors = FindingFilter.from_args(request.args), {}
    try:
        page = queries.page_of(wanted, Asked(g.user, at), after=request.args.get("after", ""))
    except Invalid as refused:
        page, errors = Page([], ""), {refused.field: _(refused.sentence)}
    if service.unread(g.user):
        with unit_of_work():
            service.mark_read(g.user, at=at)
    answer = render_template(
        "findings/index.html",
        page=page,
        wanted=wanted,
        errors=errors,
        kinds=_choices(FindingKind),
        reasons=_choices(FindingReason),
        success=service.last_success(provider),
        asked=service.last_asked(provider),
        silent_since=service.silent_since(provider, at),
    )
    return answer, 422 if errors else 200


@bp.get("/calls/when-we-are-down")
def when_down() -> ResponseReturnValue:
    """The TwiML to host at the provider for the time when this machine is down."""
    require(g.user, Permission.ADMINISTER)
    config, board = current_app.config["HUIYIN"], adapter.switchboard()
    return render_template(
        "findings/when_down.html",
        document=twiml.printed(flow.when_down(board.hooks, config.UNION_NAME)),
        voice_url=board.hooks.voice(),
        fallback_url=board.hooks.fallback(),
        is_simulated=config.TELEPHONY == "simulator",
    )


def _choices(words: type[FindingKind] | type[FindingReason]) -> list[tuple[str, str]]:
    return [(word, _(text)) for word, text in LABELS[words].items()]
