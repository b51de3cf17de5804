"""Which address and scheme a request came with, when a proxy with TLS stands in front."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix


def trust(app: Flask, proxies: int) -> None:
    """Believe the X-Forwarded headers of so many proxies. With 0 anybody could invent them, so nobody is believed."""
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's documented way to wrap the application
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )
