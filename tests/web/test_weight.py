"""The first survey page is light: page and style sheet, compressed, in two requests."""

import gzip

import brotli  # type: ignore[import-untyped]
import pytest
from browser import Browser, on_sqlite
from sqlalchemy.orm import Session
from world import World, open_survey

from partnerforms.languages import read_library
from partnerforms.services.tools import Tools

MOST = 6000
AUDIENCES = ("families", "students", "community", "staff", "district", "state")


@on_sqlite
@pytest.mark.parametrize("language", list(read_library().languages))
@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_the_first_page_comes_in_two_requests_and_six_thousand_bytes(
    encoding: str, language: str, browser: Browser, session: Session, tools: Tools, world: World
) -> None:
    survey = open_survey(session, tools, "state_leader", world.began, dict.fromkeys(AUDIENCES, "batches"))
    addresses = {link.audience: f"/s/{link.code}?lang={language}" for link in survey.links}
    session.commit()
    for audience in AUDIENCES:
        plain = browser.get(addresses[audience]).page
        assert plain.language == language
        wanted = [e.get("href", "") for e in plain.root.iter("link") if not e.get("href", "").startswith("data:")]
        wanted += [e.get("src", "") for e in plain.root.iter() if e.get("src")]
        assert len(wanted) == 1
        size = sum(compressed(browser, path, encoding) for path in (addresses[audience], *wanted))
        assert size <= MOST, audience


def compressed(browser: Browser, path: str, encoding: str) -> int:
    """How many bytes come over the line."""
    response = browser.client.get(path, headers={"Accept-Encoding": encoding})
    assert response.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in response.headers["Vary"]
    unpack = gzip.decompress if encoding == "gzip" else brotli.decompress
    assert len(unpack(response.data)) > len(response.data)
    response.close()
    return len(response.data)
