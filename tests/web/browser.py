"""A browser for tests: sends forms as they stand on the page, and checks every answer it gets."""

import json
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from pages import Form, Page
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

COOKIE = "partnerforms"
# For tests of pages alone, to which it is all the same where the data are.
on_sqlite = pytest.mark.parametrize("stage", ["sqlite"], indirect=True)
Data = Mapping[str, str | Iterable[str]]


@lru_cache(maxsize=200)
def _read(html: str) -> Page:
    """A page; the very same page need not be checked again."""
    return Page(html)


class Answer:
    """What came back. `page` is there when it is HTML, and then it keeps the rules of `pages`."""

    def __init__(self, response: TestResponse) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.content = response.data
        self.path = response.request.path
        location = response.headers.get("Location", "")
        self.location = location.removeprefix("http://localhost")
        self.is_page = response.mimetype == "text/html" and bool(response.data) and not location
        self._page = _read(response.text) if self.is_page else None

    @property
    def page(self) -> Page:
        assert self._page is not None, f"{self.path} answered {self.status} without a page"
        return self._page

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


class Browser:
    """One person at one browser, signed in or not."""

    def __init__(self, app: Flask, token: str = "") -> None:
        self.client = app.test_client()
        if token:
            self.client.set_cookie(COOKIE, token)

    @property
    def token(self) -> str:
        cookie = self.client.get_cookie(COOKIE)
        return cookie.value if cookie else ""

    @cached_property
    def proof(self) -> str:
        """What forms of this session carry."""
        return self.get("/").page.form("/sign-out").data()["proof"][0] if self.token else ""

    def get(self, path: str, status: int = 200, **more: Any) -> Answer:
        return self._checked(self.client.get(path, **more), status)

    def post(self, path: str, data: Any = None, status: int = 303, **more: Any) -> Answer:
        sent = MultiDict(_pairs(data)) if isinstance(data, Mapping) else data
        return self._checked(self.client.post(path, data=sent, **more), status)

    def request(self, method: str, path: str, **more: Any) -> Answer:
        return self._checked(self.client.open(path, method=method, **more), None)

    def follow(self, answer: Answer, status: int = 200) -> Answer:
        assert answer.location, f"{answer.path} answered {answer.status} and leads nowhere"
        return self.get(answer.location, status)

    def send(self, form: Form, changes: Data | None = None, press: str = "", status: int = 303) -> Answer:
        """Send a form with some fields changed, by its first button or the one that says `press`."""
        data: dict[str, str | Iterable[str]] = {**form.data(), **(changes or {})}
        data |= form.button(press) if press else {}
        return self.post(form.action, data, status)

    def _checked(self, response: TestResponse, status: int | None) -> Answer:
        assert response.status_code != 500 or status == 500, f"{response.request.path} broke"
        headers = response.headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        own_scripts = "; script-src 'self'; connect-src 'self'" in headers["Content-Security-Policy"]
        assert own_scripts == ("script-src" in headers["Content-Security-Policy"])
        assert headers["X-Content-Type-Options"] == "nosniff"
        if response.request.path.startswith(("/s/", "/i/")):
            assert "Set-Cookie" not in headers, "a survey page sets a cookie"
        if response.request.path.startswith(("/s/", "/i/", "/sign-in", "/static/")):
            assert not own_scripts, "a page that runs no script allows scripts"
        assert urlsplit(headers.get("Location", "")).hostname in (None, "localhost"), "leads to another host"
        answer = Answer(response)
        assert own_scripts or not answer.is_page or not answer.page.scripts, "a script that may not run"
        response.close()
        assert status is None or answer.status == status, (
            f"{response.request.method} {answer.path} answered {answer.status}: {response.text[:2000]}"
        )
        return answer


def _pairs(data: Data) -> list[tuple[str, str]]:
    return [
        (name, one)
        for name, value in data.items()
        for one in ([value] if isinstance(value, str | tuple) else list(value))  # a tuple is a file and its name
    ]
