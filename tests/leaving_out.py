"""How a test is left out when something it needs is not installed."""

import os
from typing import NoReturn

import pytest


def left_out(reason: str) -> NoReturn:
    """Skip the test, or fail it where everything must be tested (PARTNERFORMS_TESTS_ALL=1)."""
    if os.environ.get("PARTNERFORMS_TESTS_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
