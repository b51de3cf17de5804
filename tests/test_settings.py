"""Settings: read once, every wrong one named at once."""

from pathlib import Path

import pytest

from partnerforms.settings import Mailbox, Settings, SettingsError, checkout

GOOD = {"PARTNERFORMS_SECRET_KEY": "x" * 32, "PARTNERFORMS_DATABASE_URL": "sqlite:///x.sqlite"}


def wrong(**more: str) -> list[str]:
    environ = {**GOOD, **{f"PARTNERFORMS_{name.upper()}": value for name, value in more.items()}}
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(environ)
    return str(caught.value).splitlines()


def right(**more: str) -> Settings:
    return Settings.from_env({**GOOD, **{f"PARTNERFORMS_{name.upper()}": value for name, value in more.items()}})


def test_two_variables_are_enough() -> None:
    settings = Settings.from_env(GOOD)
    assert settings.secret_key == "x" * 32
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.mail_to_folder
    assert not settings.secure_cookies
    assert not settings.demo
    assert (settings.root / "templates").is_dir()


def test_everything_can_be_set() -> None:
    settings = right(
        base_url="https://forms.example.org/",
        outbox_folder="/tmp/box",
        mail_from="Forms <forms@example.org>",
        smtp_host="mail.example.org",
        smtp_port="465",
        smtp_security="tls",
        smtp_user="u",
        smtp_password="p w",
        smtp_ca_file="/ca.pem",
        trusted_proxies="2",
        time_zone="America/Denver",
    )
    assert settings.base_url == "https://forms.example.org"
    assert settings.domain == "forms.example.org"
    assert settings.secure_cookies
    assert not settings.mail_to_folder
    assert (settings.smtp_port, settings.trusted_proxies) == (465, 2)
    assert settings.outbox_folder == Path("/tmp/box")
    assert str(settings.zone) == "America/Denver"


def test_a_secret_that_looks_like_a_number_stays_a_text() -> None:
    settings = Settings.from_env({**GOOD, "PARTNERFORMS_SECRET_KEY": "1" * 40})
    assert settings.secret_key == "1" * 40


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql+psycopg://h/d", "postgresql+psycopg://h/d"),
        ("sqlite:////var/x.sqlite", "sqlite:////var/x.sqlite"),
    ],
)
def test_addresses_of_databases(url: str, read: str) -> None:
    assert right(database_url=url).database_url == read


@pytest.mark.parametrize(
    ("variable", "value", "rule"),
    [
        ("secret_key", "short", "needs 32 characters or more"),
        ("database_url", "mysql://h/d", "must begin with sqlite:/// or postgresql://"),
        ("database_url", "", "must begin with sqlite:/// or postgresql://"),
        ("base_url", "forms.example.org", "must begin with http:// or https://"),
        ("smtp_security", "ssl", "must be starttls, tls or none"),
        ("smtp_port", "smtp", "must be a whole number"),
        ("smtp_port", "-1", "must be a whole number"),
        ("trusted_proxies", "", "must be a whole number"),
        ("trusted_proxies", "²", "must be a whole number"),
        ("time_zone", "Mars/Olympus", "must be a name such as America/Denver"),
    ],
)
def test_a_wrong_value_is_named_with_its_rule(variable: str, value: str, rule: str) -> None:
    assert wrong(**{variable: value}) == [f"PARTNERFORMS_{variable.upper()}: {rule}"]


def test_all_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"PARTNERFORMS_SMTP_PORT": "x", "PARTNERFORMS_SECRET_KEY": "x", "OTHER": "y"})
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [
        "PARTNERFORMS_SECRET_KEY",
        "PARTNERFORMS_SMTP_PORT",
        "PARTNERFORMS_DATABASE_URL",
    ]


def test_no_error_tells_a_secret() -> None:
    assert "geheim" not in "".join(wrong(secret_key="geheim", database_url="mysql://u:geheim@h"))


def test_the_environment_alone_makes_no_demo() -> None:
    assert not right(demo="1").demo
    assert right(root="/").root == checkout()


def test_a_mailbox_for_returned_mail() -> None:
    box = right(
        bounce_mailbox="imaps://forms%40example.org:p%2Fw%20d@mail.example.org/Returned%20mail"
    ).bounce_mailbox
    assert box == Mailbox("mail.example.org", 993, "forms@example.org", "p/w d", "Returned mail", tls=True)
    assert "p/w d" not in repr(box)
    assert right(bounce_mailbox="imap://u:p@127.0.0.1:1143").bounce_mailbox == Mailbox(
        "127.0.0.1", 1143, "u", "p", "INBOX", tls=False
    )
    assert right(bounce_mailbox="").bounce_mailbox is None
    assert right(bounce_address="returned@example.org").bounce_address == "returned@example.org"


@pytest.mark.parametrize(
    "mailbox",
    [
        "mail.example.org",
        "https://u:p@mail.example.org",
        "imaps://mail.example.org",
        "imaps://u@mail.example.org",
        "imaps://u:p@",
        "imaps://u:p@mail.example.org:port",
        "imaps://u:p@[mail",
        "imap://u:p@mail.example.org",
        "imap://u:p@127.0.0.1.example.org",
        "imaps://u:p%0D%0Ax@mail.example.org",
        "imaps://u:%C3%A9@mail.example.org",
    ],
)
def test_a_mailbox_that_cannot_be_read_is_named_without_its_password(mailbox: str) -> None:
    (line,) = wrong(bounce_mailbox=mailbox)
    assert line.startswith("PARTNERFORMS_BOUNCE_MAILBOX: ")
    assert "u:p" not in line.replace("user:password", "")


@pytest.mark.parametrize(
    "address", ["forms", "a@b", "a b@example.org", "Forms <a@example.org>", "a@example.org,b@x.org"]
)
def test_an_address_for_reports_is_one_address(address: str) -> None:
    (line,) = wrong(bounce_address=address)
    assert line.startswith("PARTNERFORMS_BOUNCE_ADDRESS: ")
