"""Settings of single sign-on that cannot be are told; claims that name nobody are refused."""

import pytest

from app.desks.accounts.sign_on import SignOnError, SignOnRules, read_claims
from geo.errors import UsageError

GOOD = {"ISSUER": "https://sso.example.gov.cn/realm/", "CLIENT_ID": "pianqu", "SECRET": "s"}
RULES = SignOnRules("https://sso.example.gov.cn", "pianqu", "s", role_claim="groups")


def told(**changed):
    return {f"PIANQU_OIDC_{name}": value for name, value in {**GOOD, **changed}.items()}


def test_settings_are_read_with_the_secret_of_a_file(tmp_path):
    file = tmp_path / "secret"
    file.write_text("from the file\n", encoding="utf-8")
    rules = SignOnRules.from_settings(told(SECRET="", SECRET_FILE=str(file)))
    assert (rules.issuer, rules.secret) == ("https://sso.example.gov.cn/realm", "from the file")
    assert rules.origin == "https://sso.example.gov.cn"
    assert not rules.is_creating


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"ISSUER": "http://sso.example.gov.cn"}, "oidc.issuer"),
        ({"CLIENT_ID": ""}, "oidc.client_id"),
        ({"SECRET": ""}, "oidc.secret"),
        ({"SECRET": "", "SECRET_FILE": "/nowhere/secret"}, "/nowhere/secret"),
        ({"NEW_ACCOUNTS": "create"}, "oidc.role_claim"),
    ],
)
def test_what_cannot_be_is_told(changed, named):
    with pytest.raises(UsageError, match=named):
        SignOnRules.from_settings(told(**changed))


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({}, "no_claim"),
        ({"preferred_username": 7}, "no_claim"),
        ({"preferred_username": "wang min"}, "odd_name"),
        ({"preferred_username": "w" * 61}, "odd_name"),
        ({"preferred_username": "wang\u200b"}, "odd_name"),
        ({"preferred_username": "wang", "groups": ["city", "viewer"]}, "many_roles"),
    ],
)
def test_claims_that_name_nobody(claims, reason):
    with pytest.raises(SignOnError) as refused:
        read_claims(claims, RULES)
    assert refused.value.reason == reason


def test_mail_counts_once_it_is_verified():
    rules = SignOnRules("https://sso.example.gov.cn", "pianqu", "s", account_claim="email")
    with pytest.raises(SignOnError, match="verified"):
        read_claims({"email": "wang@example.gov.cn", "email_verified": "true"}, rules)
    assert read_claims({"email": "Wang@example.gov.cn", "email_verified": True}, rules).name == "wang@example.gov.cn"
