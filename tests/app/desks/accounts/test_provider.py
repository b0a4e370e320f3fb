"""The parts for single sign-on are loaded by whoever has set it, and by nobody else."""

import ast
import sys
from pathlib import Path

import pytest
from flask import Flask

from app.desks.accounts.provider import Provider
from app.desks.accounts.sign_on import SignOnRules
from geo.errors import UsageError

RULES = SignOnRules("https://sso.example.gov.cn", "pianqu", "s")
PARTS = {"authlib", "joserfc", "requests", "cryptography"}


def loaded_at_once(path):
    """Packages a module imports when it is imported itself."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_no_module_loads_them_by_itself():
    app = Path(__file__).resolve().parents[4] / "app"
    assert [path for path in app.rglob("*.py") if PARTS.intersection(loaded_at_once(path))] == []


def test_where_they_are_not_installed_it_is_said_how(monkeypatch):
    monkeypatch.setitem(sys.modules, "authlib.integrations.flask_client", None)
    with pytest.raises(UsageError, match=r"pianqu\[oidc\]"):
        Provider(Flask("x"), RULES)
