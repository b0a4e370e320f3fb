"""Every answer is guarded, and nothing of a stranger is loaded."""

import re


def test_no_address_of_a_stranger_is_loaded(client):
    text = client.get("/").text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert loaded
    assert all(address.startswith("/") and not address.startswith("//") for address in loaded)


def test_every_answer_is_guarded(client):
    for address in ("/", "/_dash-dependencies", "/geo/nothing"):
        headers = client.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        script = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
        assert "unsafe" not in script
        assert "http" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
