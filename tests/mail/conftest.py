"""Fixtures for mail: settings, certificates of an own authority, a server that takes everything."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from leaving_out import left_out
from smtp_server import Sink, smtp_server, smtp_settings

from partnerforms.settings import Settings


@dataclass(frozen=True)
class Authority:
    """The file of an authority that nobody trusts by default, and server contexts with certificates."""

    ca_file: str
    localhost: ssl.SSLContext
    other_name: ssl.SSLContext
    self_signed: ssl.SSLContext


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    openssl = shutil.which("openssl")
    if not openssl:
        left_out("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificates")

    def certificate(name: str, subject: str, *more: str) -> ssl.SSLContext:
        command = [
            openssl,
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ]
        files = ["-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2", "-subj", f"/CN={subject}"]
        subprocess.run([*command, *files, *more], check=True, cwd=folder, capture_output=True)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
        return context

    def signed(name: str, alternative_name: str) -> ssl.SSLContext:
        by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE"]
        return certificate(name, name, *by, "-addext", f"subjectAltName={alternative_name}")

    certificate("ca", "Test authority")
    return Authority(
        ca_file=str(folder / "ca.pem"),
        localhost=signed("localhost", "IP:127.0.0.1"),
        other_name=signed("other", "DNS:mail.example.org"),
        self_signed=certificate("self", "self", "-addext", "subjectAltName=IP:127.0.0.1"),
    )


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A server without TLS and login that takes everything until told otherwise."""
    with smtp_server(Sink()) as found:
        yield found


@pytest.fixture
def settings(sink: Sink) -> Settings:
    """Settings for that server."""
    return smtp_settings(sink.port)
