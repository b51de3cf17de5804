"""A grove of organizations in both databases."""

from collections.abc import Iterator

import pytest
from groves import Grove, plant, writing
from sqlalchemy import Engine


@pytest.fixture
def planted(engine: Engine) -> Engine:
    """A database with the grove."""
    plant(engine)
    return engine


@pytest.fixture
def grove(planted: Engine) -> Iterator[Grove]:
    """The grove in a transaction that writes."""
    with writing(planted) as grove:
        yield grove
