"""Signing in and out."""

from flask import Blueprint

from hotline.guards import public

bp = Blueprint("accounts", __name__)
bp.before_request(public)
