"""The headers that every answer carries, whatever went wrong."""

import pytest


@pytest.mark.parametrize(
    ("method", "page", "status"),
    [
        ("get", "/login", 200),
        ("get", "/nowhere", 404),
        ("get", "/tickets", 303),
        ("post", "/healthz", 405),
        ("get", "/static/css/huiyin.css", 200),
        ("get", "/static/nowhere.css", 404),
        ("post", "/hooks/simulator/voice", 403),
        ("post", "/hooks/twilio/voice", 404),
    ],
)
def test_nothing_foreign_inline_or_framed_on_any_answer(client, method, page, status):
    answer = getattr(client, method)(page)
    answer.close()
    assert answer.status_code == status
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_only_files_that_are_there_may_be_cached(client):
    with client.get("/static/css/huiyin.css") as there:
        assert there.headers["Cache-Control"].startswith("public")
    for page in ("/static/nowhere.css", "/login", "/nowhere"):
        assert client.get(page).headers["Cache-Control"] == "no-store", page


def test_a_form_larger_than_we_take_is_refused_with_a_page(client):
    answer = client.post("/login", data={"username": "x" * 3_000_000})
    assert answer.status_code == 413
    assert "Content-Security-Policy" in answer.headers


def test_behind_https_browsers_never_come_back_without(make_app):
    plain, secure = make_app(), make_app(PUBLIC_BASE_URL="https://hotline.example.org")
    assert "Strict-Transport-Security" not in plain.test_client().get("/login").headers
    answer = secure.test_client().get("/login", base_url="https://hotline.example.org")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "HttpOnly" in answer.headers["Set-Cookie"]
