"""Addresses name what they show: `?plan=…&version=…`, a plan of the store and the number of its version."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from app.i18n import say
from app.store.errors import NotInStoreError
from app.store.records import Version
from app.store.store import Store


def version_query(version: Version | None) -> dict[str, str]:
    """What an address says of the plan it shows; nothing where there is none."""
    return {} if version is None else {"plan": version.plan_id, "version": str(version.number)}


def version_address(version: Version | None, path: str = "./", **more: str) -> str:
    """An address that shows a version of a plan.

    Parameters
    ----------
    version
        None = no plan is shown.
    path
        Of the page, the briefing, the sheet.
    **more
        More that it asks for.

    Examples
    --------
    >>> version_address(None, "print", theme="areas")
    'print?theme=areas'
    """
    query = urlencode({**version_query(version), **more})
    return f"{path}?{query}" if query else path


def find_version(store: Store, asked: Mapping[str, str]) -> Version | None:
    """The version an address names; None where it names none.

    Parameters
    ----------
    store
        Where plans are kept.
    asked
        Of the address: "plan", with "version" its number, alone the newest; "plan" may be the id of a version.

    Raises
    ------
    NotInStoreError
        If there is no such plan or version.
    """
    plan, number = asked.get("plan"), asked.get("version")
    if not plan:
        return None
    versions = store.versions(plan)
    if not versions:
        return store.version(plan)
    if not number:
        return versions[0]
    found = next((one for one in versions if str(one.number) == number), None)
    if found is None:
        raise NotInStoreError(*say("session.no_version", name=versions[0].plan_name, n=number[:8]))
    return found
