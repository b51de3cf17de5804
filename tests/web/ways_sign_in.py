"""Ways to an organization's single sign-on. Saving it talks to a provider: see test_single_sign_on."""

from sqlalchemy.orm import Session
from ways import Way
from world import World

from partnerforms.models import SignInProvider
from partnerforms.services.signin.sealing import seal
from partnerforms.services.tools import Tools

_SIGN_IN = "/organizations/{maple}/sign-in"

WAYS = {
    ("providers.edit", "GET"): Way("GET", _SIGN_IN, "run"),
    ("providers.save", "POST"): Way("POST", _SIGN_IN, "run", {"issuer": "nowhere"}),
    ("providers.remove", "POST"): Way("POST", f"{_SIGN_IN}/remove", "run", ends=True),
    ("account.disconnect", "POST"): Way("POST", "/account/connected/{provider}/end", "nobody", without=404),
}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    """Maple's provider, with which nobody is connected."""
    provider = SignInProvider(
        organization_id=world.places["maple"],
        issuer="https://provider.example.org",
        client_id="a secret client",
        client_secret=seal("s3cret", tools.secret_key),
        domain="maple.example.org",
        created_at=world.began,
    )
    session.add(provider)
    session.flush()
    return {"provider": str(provider.id)}
