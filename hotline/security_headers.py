"""The headers on every response: nothing foreign, inline, framed or cached."""

from flask import Flask, Response, request

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "style-src 'self'",
        "script-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
WEEK = 7 * 24 * 3600


def init_app(app: Flask) -> None:
    """Put the headers on every response of `app`, error pages included."""
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(self)"
    if request.endpoint == "static":
        headers["Cache-Control"] = f"public, max-age={WEEK}"
    else:
        headers["Cache-Control"] = "no-store"
        headers.add("Vary", "Cookie")
    return response
