"""The rules a plan must obey, read from the policy in force and from nothing the plan says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class PolicyValues(Protocol):
    """A policy as the check needs it: named values with a hash; `analysis.policy.Policy` is one."""

    @property
    def name(self) -> str:
        """What the policy calls itself."""

    @property
    def sha256(self) -> str:
        """Hash of all its values."""

    @property
    def entries(self) -> Mapping[str, Any]:
        """Entries by key."""

    def value(self, key: str) -> Any:
        """The value of an entry."""
