"""The provider of single sign-on: OpenID Connect's code flow with PKCE, by Authlib, which is asked only when used."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response

from app.desks.accounts.sign_on import SignOnError, SignOnRules, is_safe_address
from geo.extras import import_extra

_WAIT_S = 10
"""How long an answer of the provider is waited for."""
_QUEUE_S, _PAUSE_S = 2, 15
"""How long one waits behind somebody who asks it, and how long it is not asked again when it was away, seconds."""
_LEEWAY_S = 60
"""How far the clocks may differ."""
_SIGNED_BY = frozenset(f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)) | {
    "EdDSA",
    "Ed25519",
}
"""Signatures that only the provider can make: none with a shared secret, and never "none"."""
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_CLAIMS = {"nonce": "nonce", "aud": "audience", "azp": "audience", "iss": "foreign", "exp": "expired"}


class Provider:
    """The provider an office has chosen.

    Parameters
    ----------
    server
        Keeps what a sign-on must remember in its session.
    rules
        How people are recognised.

    Raises
    ------
    UsageError
        If the parts for it are not installed.
    """

    def __init__(self, server: Flask, rules: SignOnRules) -> None:
        flask_client = import_extra("authlib.integrations.flask_client", "oidc")
        self.rules = rules
        self._asking, self._away_until = threading.Lock(), 0.0
        self._client = flask_client.OAuth(server).register(
            "pianqu",
            client_id=rules.client_id,
            client_secret=rules.secret,
            server_metadata_url=f"{rules.issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": rules.scope, "code_challenge_method": "S256", "default_timeout": _WAIT_S},
        )

    def begin(self, back: str) -> Response:
        """The way to the provider.

        Parameters
        ----------
        back
            Address it sends people back to.

        Raises
        ------
        SignOnError
            If the provider does not answer, or is another one than was set.
        """
        with _explain():
            self._load()
            answer: Response = self._client.authorize_redirect(back)
            return answer

    def finish(self) -> Mapping[str, Any]:
        """The claims of whoever comes back, all of them checked: state, nonce, signature, issuer, audience, time.

        Raises
        ------
        SignOnError
            If one of them is not as it must be, or the provider does not answer.
        """
        with _explain():
            issuer = self._load()["issuer"]
            wanted = {
                "iss": {"essential": True, "value": issuer},
                "aud": {"essential": True, "value": self.rules.client_id},
            }
            token = self._client.authorize_access_token(claims_options=wanted, leeway=_LEEWAY_S)
            claims = token.get("userinfo")
            if not claims:
                raise SignOnError("token")
            return dict(claims)

    def leave(self, back: str) -> str | None:
        """Where one ends the session at the provider, too; None where it has no such address, or does not answer.

        Parameters
        ----------
        back
            Address it sends people back to.
        """
        try:
            with _explain():
                if not is_safe_address(self._load().get("end_session_endpoint")):
                    return None
                told = self._client.create_logout_url(back, state="out", client_id=self.rules.client_id)
        except SignOnError:
            return None
        return str(told["url"])

    def _load(self) -> dict[str, Any]:
        """What the provider says of itself; of another one nothing is believed."""
        known: dict[str, Any] = self._client.server_metadata
        if "_loaded_at" not in known:
            self._ask()
        is_own = str(known.get("issuer", "")).rstrip("/") == self.rules.issuer
        if not is_own or not all(is_safe_address(known.get(name)) for name in _ENDPOINTS):
            known.clear()  # it is asked again next time
            raise SignOnError("provider" if is_own else "foreign")
        offered = known.get("id_token_signing_alg_values_supported") or ["RS256"]
        known["id_token_signing_alg_values_supported"] = sorted(_SIGNED_BY.intersection(offered)) or ["RS256"]
        return known

    def _ask(self) -> None:
        """Ask it what it is; while it is away few wait for it, so that the server answers others."""
        if not self._asking.acquire(timeout=_QUEUE_S):
            raise SignOnError("provider")
        try:
            if time.monotonic() < self._away_until:
                raise SignOnError("provider")
            self._away_until = time.monotonic() + _WAIT_S + _PAUSE_S
            self._client.load_server_metadata()
            self._away_until = 0.0
        finally:
            self._asking.release()


@contextmanager
def _explain() -> Iterator[None]:
    """What went wrong, as a sentence that says what to do; of the provider's own words nothing is shown."""
    from authlib.common.errors import AuthlibBaseError
    from authlib.integrations.base_client import MismatchingStateError
    from joserfc.errors import ClaimError, ExpiredTokenError, JoseError
    from requests import RequestException

    try:
        yield
    except SignOnError:
        raise
    except MismatchingStateError as error:
        raise SignOnError("state") from error
    except ExpiredTokenError as error:
        raise SignOnError("expired") from error
    except ClaimError as error:
        raise SignOnError(_CLAIMS.get(str(error.claim), "token")) from error
    except JoseError as error:
        raise SignOnError("signature") from error
    except AuthlibBaseError as error:
        raise SignOnError("denied" if error.error == "access_denied" else "provider") from error
    except (RequestException, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise SignOnError("provider") from error
