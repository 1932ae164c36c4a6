"""The composition root: imports everything, is imported by nothing of ours."""

import os
from importlib import import_module

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import models
from config import Config, ConfigError
from hotline import (
    database,
    drawn_once,
    error_pages,
    extensions,
    languages,
    logs,
    navigation,
    odd_input,
    page_parts,
    security_headers,
    template_filters,
)
from hotline.accounts import login
from hotline.cli import COMMANDS
from hotline.figures import touched
from hotline.live_updates import crowd
from hotline.operations import metrics_views
from hotline.telephony import adapter as telephony
from models import db

# Every page and route of the hotline. The order is the order of the docs, nothing depends on it.
BLUEPRINTS = (
    "hotline.health:bp",
    "hotline.operations.metrics_views:bp",
    "hotline.accounts.views:bp",
    "hotline.accounts.profile_views:bp",
    "hotline.accounts.user_views:bp",
    "hotline.accounts.roster_views:bp",
    "hotline.departments.views:bp",
    "hotline.departments.category_views:bp",
    "hotline.audit.views:bp",
    "hotline.callers.views:bp",
    "hotline.drafts.views:bp",
    "hotline.workspace.chrome:bp",
    "hotline.workspace.alarm_views:bp",
    "hotline.workspace.views:bp",
    "hotline.workspace.log:bp",
    "hotline.callbacks.views:bp",
    "hotline.callbacks.signing_views:bp",
    "hotline.callbacks.reckoning_views:bp",
    "hotline.rhythm.morning_views:bp",
    "hotline.rhythm.sheet_views:bp",
    "hotline.rhythm.word_views:bp",
    "hotline.rhythm.money_views:bp",
    "hotline.rhythm.today_views:bp",
    "hotline.notifications.views:bp",
    "hotline.outbox.views:bp",
    "hotline.live_updates.views:bp",
    "hotline.calendars.views:bp",
    "hotline.calendars.year_views:bp",
    "hotline.calendars.list_views:bp",
    "hotline.sla.views:bp",
    "hotline.tickets.lists:bp",
    "hotline.tickets.views:bp",
    "hotline.tickets.sheet_views:bp",
    "hotline.handoffs.views:bp",
    "hotline.handoffs.reckoning_views:bp",
    "hotline.supervision.views:bp",
    "hotline.exports.views:bp",
    "hotline.quality.views:bp",
    "hotline.quality.inspection_views:bp",
    "hotline.quality.sheet_views:bp",
    "hotline.figures.views:bp",
    "hotline.figures.report_views:bp",
    "hotline.figures.saved_views:bp",
    "hotline.walls.views:bp",
    "hotline.walls.screen_views:bp",
    "hotline.calls.views:bp",
    "hotline.calls.lists:bp",
    "hotline.findings.views:bp",
    "hotline.telephony.webhooks:bp",
    "hotline.telephony.simulator.rest:bp",
    "hotline.telephony.simulator.views:bp",
)


def create_app(config: Config | None = None) -> Flask:
    """The application for `config`, or for what the environment says.

    Raises ConfigError with every complaint at once when the settings are not fit to start with.
    """
    config = config or Config.from_env(os.environ)
    app = Flask(__name__)
    app.config.from_object(config)
    app.config["HUIYIN"] = config
    app.url_map.strict_slashes = True
    logs.configure(config.LOG_LEVEL, app.name)
    _prepare_folders(config)
    if config.PROXIES:  # else everybody has the proxy's address, and shares one limit of tries
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.PROXIES, x_proto=0)  # type: ignore[method-assign]
    _bind_database(app)
    metrics_views.init_app(app, config)
    crowd.init_app(app)
    odd_input.init_app(app)
    languages.init_app(app)
    extensions.csrf.init_app(app)
    login.init_app(app)
    telephony.init_app(app, config)
    security_headers.init_app(app)
    template_filters.register(app)
    page_parts.register(app)
    drawn_once.register(app)
    navigation.init_app(app)
    error_pages.register(app)
    for name in BLUEPRINTS:
        module, variable = name.split(":")
        app.register_blueprint(getattr(import_module(module), variable))
    for command in COMMANDS:
        app.cli.add_command(command)
    return app


def _prepare_folders(config: Config) -> None:
    """Make what is missing. Raises ConfigError where nothing can be kept safely."""
    try:
        config.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError([f"DATA_DIR cannot be made: {error.strerror}."]) from error
    if config.SQLALCHEMY_DATABASE_URI.startswith("sqlite:///"):
        try:
            database.prepare_folder(config.SQLALCHEMY_DATABASE_URI)
        except (OSError, RuntimeError) as error:
            raise ConfigError([str(error)]) from error


def _bind_database(app: Flask) -> None:
    db.init_app(app)
    extensions.migrate.init_app(
        app, db, render_as_batch=True, directory=f"{app.root_path}/migrations"
    )
    with app.app_context():
        database.install(db.engine)
    database.guard_sessions()
    touched.watch()


__all__ = ["create_app", "models"]
