"""Give out authorization codes to apps that a partner's user signs in to, and take them back.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from simulator.nouns import App, AuthorizationCode, Partner
from simulator.signin.errors import SignInRefused

if TYPE_CHECKING:
    from simulator.world import World

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_METHODS = ("S256", "plain", "")


@dataclass(frozen=True)
class Wish:
    """One visit to the authorize page, once it is known whom it may be sent back to."""

    world: "World"
    app: App
    partner: Partner
    form: Mapping[str, str]
    scope: str

    @property
    def redirect_uri(self) -> str:
        return self.form["redirect_uri"]


def wish(world: "World", authority: str, form: Mapping[str, str], scope: str) -> Wish:
    """Refuses on the spot what must never be redirected anywhere."""
    app = world.apps.get(form.get("client_id", "").lower())
    partner = world.partners.get(app.tenant_id) if app else None
    if app is None or partner is None or partner.client_id != app.client_id:
        raise SignInRefused(700016, form.get("client_id", ""))
    if not form.get("redirect_uri"):
        raise SignInRefused(900144, "redirect_uri")
    if not _is_registered(app, form["redirect_uri"]):
        raise SignInRefused(50011, form["redirect_uri"])
    _check_authority(partner, authority)
    return Wish(world, app, partner, form, scope)


def fault(asked: Wish) -> SignInRefused | None:
    """What the app did wrong, or the person did not want: told to the redirect address."""
    form, switches = asked.form, asked.world.switches
    if form.get("response_type") != "code":
        return SignInRefused(700054)
    if not asked.scope:
        return SignInRefused(900144, "scope")
    if form.get("code_challenge_method", "") not in _METHODS:
        return SignInRefused(9002313, "code_challenge_method")
    if switches["signin.declines"]:
        return SignInRefused(65004)
    if form.get("prompt") == "none" and not switches["signin.autoConsent"]:
        return SignInRefused(50058)
    return None


def give(asked: Wish) -> AuthorizationCode:
    form = asked.form
    code = AuthorizationCode(
        code=f"0.{secrets.token_urlsafe(64)}",
        tenant_id=asked.partner.tenant_id,
        client_id=asked.app.client_id,
        redirect_uri=asked.redirect_uri,
        scope=asked.scope,
        nonce=form.get("nonce", ""),
        challenge=form.get("code_challenge", ""),
        challenge_method=form.get("code_challenge_method") or "plain",
        mfa=bool(asked.world.switches["signin.mfa"]),
        issued=asked.world.clock.now(),
    )
    asked.world.codes[code.code] = code
    return code


def way_back(asked: Wish, **answer: str) -> str:
    """The redirect address with the answer and the state that came along."""
    told = {name: value for name, value in answer.items() if value}
    if asked.form.get("state"):
        told["state"] = asked.form["state"]
    mark = "#" if asked.form.get("response_mode") == "fragment" else "?"
    if mark == "?" and urlsplit(asked.redirect_uri).query:
        mark = "&"
    return f"{asked.redirect_uri}{mark}{urlencode(told)}"


def redeemable(world: "World", form: Mapping[str, str], app: App) -> AuthorizationCode:
    """The code if it may be redeemed now; a failed attempt does not use it up."""
    code = world.codes.get(form.get("code", ""))
    if code is None or code.client_id != app.client_id:
        raise SignInRefused(70000)
    if code.redeemed:
        raise SignInRefused(54005)
    life = timedelta(minutes=world.switches["signin.codeMinutes"])
    if world.clock.now() >= code.issued + life:
        raise SignInRefused(70008)
    if form.get("redirect_uri") != code.redirect_uri:
        raise SignInRefused(500112)
    if code.challenge != _challenge(form.get("code_verifier", ""), code):
        raise SignInRefused(501481)
    return code


def _challenge(verifier: str, code: AuthorizationCode) -> str:
    if not verifier or code.challenge_method == "plain":
        return verifier
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _is_registered(app: App, redirect_uri: str) -> bool:
    """Loopback needs no registration, whatever the port."""
    address = urlsplit(redirect_uri)
    is_loopback = address.scheme in ("http", "https") and address.hostname in _LOOPBACK
    return is_loopback or redirect_uri in app.redirect_uris


def _check_authority(partner: Partner, authority: str) -> None:
    own = (partner.tenant_id, partner.domain, "common", "organizations")
    if authority.lower() not in own:
        raise SignInRefused(50020, partner.user.user_principal_name)
