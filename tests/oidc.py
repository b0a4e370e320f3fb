"""A provider of single sign-on on this computer: oidc-provider-mock, and what an attacker could do to its answers."""

import io
import json
import threading
import urllib.parse
import urllib.request
from contextlib import contextmanager
from datetime import timedelta

import oidc_provider_mock
import werkzeug.serving
from oidc_provider_mock import User


class RealProvider:
    """The provider; `answers` are given instead of its own by the token endpoint, one after the other."""

    def __init__(self, server):
        self.server, self.port = server, server.server_port
        self.issuer = f"http://localhost:{self.port}"
        self.asked, self.tokens, self.answers = [], [], []

    def approve(self, there, sub, *, agreed=True):
        """What somebody does at the provider: say who they are, and agree; the address they are sent back to."""
        form = {"sub": sub, "action": "authorize" if agreed else "deny"}
        opened = urllib.request.build_opener(_Stay)
        answer = opened.open(there, urllib.parse.urlencode(form).encode())
        return answer.headers["Location"]

    def take_token(self, there, sub, client_id):
        """The answer of the token endpoint to another program, which did all as it should."""
        parts = urllib.parse.urlsplit(there)
        asked = dict(urllib.parse.parse_qsl(parts.query)) | {"client_id": client_id}
        back = self.approve(parts._replace(query=urllib.parse.urlencode(asked)).geturl(), sub)
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["code"][0]
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": asked["redirect_uri"],
            "client_id": client_id,
            "client_secret": "s",
        }
        with urllib.request.urlopen(
            f"{parts.scheme}://{parts.netloc}/oauth2/token", urllib.parse.urlencode(form).encode()
        ) as answer:
            return json.load(answer)


class _Stay(urllib.request.HTTPRedirectHandler):
    def http_error_302(self, request, answer, *_):
        return answer

    http_error_303 = http_error_302


def _between(provider, application):
    """Notes what the provider is asked, and gives the answers of an attacker."""

    def answer(environ, start):
        path = environ["PATH_INFO"]
        provider.asked.append(path)
        if path == "/oauth2/token" and environ.get("HTTP_AUTHORIZATION"):  # our own server: it has a secret
            sent = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            environ["wsgi.input"] = io.BytesIO(sent)
            provider.tokens.append(dict(urllib.parse.parse_qsl(sent.decode())))
            if provider.answers:
                body = json.dumps(provider.answers.pop(0)).encode()
                start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
                return [body]
        return application(environ, start)

    return answer


@contextmanager
def run_provider(users, lasts_s=3600, port=0):
    """The provider on a free port.

    `users`: claims by subject; `lasts_s`: how long its tokens are good for.
    """
    application = oidc_provider_mock.app(
        user_claims=[User(sub=sub, claims=claims) for sub, claims in users.items()],
        access_token_max_age=timedelta(seconds=lasts_s),
    )
    server = werkzeug.serving.make_server("localhost", port, application, threaded=True)
    provider = RealProvider(server)
    server.app = _between(provider, application)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
