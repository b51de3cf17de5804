"""Families who press Send at the same moment: every answer arrives, whichever way its sheet is mailed."""

import pytest
from at_once import at_once
from browser import Browser
from filling import fields
from flask import Flask
from sqlalchemy.orm import Session
from surveying import answers, kept
from world import World

from partnerforms.services.tools import Tools

TOGETHER = 5


@pytest.mark.parametrize("audience", ["families", "community"])  # in batches, and each by itself
def test_answers_sent_at_the_same_moment_all_arrive(
    audience: str, app: Flask, session: Session, tools: Tools, world: World
) -> None:
    browsers = [Browser(app) for _ in range(TOGETHER)]
    typed = fields(answers(tools.library, audience))
    for _ in range(3):
        forms = [one.get(f"/s/{world.codes[audience]}").page.form("/s/") for one in browsers]
        deeds = [
            lambda one=one, form=form: one.send(form, typed).status for one, form in zip(browsers, forms, strict=True)
        ]
        assert at_once(deeds) == [303] * TOGETHER
    assert len(kept(session)) == 3 * TOGETHER
