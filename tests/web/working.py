"""Long work in tests: done at once, and its file."""

from browser import Answer, Browser
from flask import Flask

from partnerforms.server import long_work


def do_work(app: Flask) -> None:
    """Do everything that waits."""
    worker = long_work(app)
    while worker.run_once():
        pass


def done(app: Flask, browser: Browser, begun: Answer) -> Answer:
    """The page of what was begun, after it was done."""
    do_work(app)
    return browser.follow(begun)


def file_of(browser: Browser, begun: Answer) -> bytes:
    return browser.get(f"{begun.location}/file").content
