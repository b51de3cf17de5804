"""How a person is signed in: codes, sessions, an organization's single sign-on, a second factor."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partnerforms.models.base import Base, Key
from partnerforms.models.organizations import Organization, Person


class SignInCode(Base):
    """A code that was handed out, as a digest. `reusable` codes exist only in a demo.

    `asking_digest` is of a secret of the tab that asked: the code works there alone. `link_digest` is of the token
    in the mail's link, which signs in only the browser that asked. `mailed` counts how often the code went out;
    `known` says that the browser that asked had signed this person in before.
    """

    __tablename__ = "sign_in_codes"

    id: Mapped[Key]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"), index=True)
    digest: Mapped[str]
    asking_digest: Mapped[str | None] = mapped_column(index=True)
    link_digest: Mapped[str | None] = mapped_column(index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]
    reusable: Mapped[bool] = mapped_column(default=False)
    mailed: Mapped[int] = mapped_column(default=0)
    known: Mapped[bool] = mapped_column(default=False)


class SignInSession(Base):
    """Somebody who is signed in. Only the digest of the cookie is kept.

    Until `complete` it is worth nothing but to be asked for the second factor. A session that began by an
    organization's single sign-on (`provider_id`) reaches that organization and what lies below it, nothing else.
    """

    __tablename__ = "sign_in_sessions"

    token_digest: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    complete: Mapped[bool] = mapped_column(default=True)
    tries: Mapped[int] = mapped_column(default=0)
    provider_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sign_in_providers.id"))

    person: Mapped[Person] = relationship()
    provider: Mapped["SignInProvider | None"] = relationship()


class SignInProvider(Base):
    """An organization's own single sign-on by OpenID Connect, for addresses of `domain`.

    `issuer` is pinned: what another issuer says is never believed. `client_secret` is sealed
    (`services.signin.sealing`).
    """

    __tablename__ = "sign_in_providers"

    id: Mapped[Key]
    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), unique=True)
    issuer: Mapped[str]
    client_id: Mapped[str]
    client_secret: Mapped[str]
    domain: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]

    organization: Mapped[Organization] = relationship()


class Identity(Base):
    """Who a provider's user is here. The key is the provider's own name for the user, never a mail address."""

    __tablename__ = "identities"

    provider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sign_in_providers.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"), index=True)
    linked_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class SecondFactor(Base):
    """A person's authenticator app: its secret, sealed, and the last time step a code was taken of (no replay)."""

    __tablename__ = "second_factors"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    secret: Mapped[str]
    last_step: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code for the day the phone is gone, as a digest; works once."""

    __tablename__ = "recovery_codes"

    digest: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"), index=True)
    used_at: Mapped[datetime | None]
