"""The places of plans that were kept before plans had any."""

from __future__ import annotations

import json
import zlib

from sqlalchemy import Connection, column, select, table, update

from app.store.access import derive_plan_code

_PLANS = table("plans", column("id"), column("newest"), column("code"))
_VERSIONS = table("versions", column("plan_id"), column("number"), column("document"))


def set_plan_codes(connection: Connection) -> None:
    """Write the place of each plan next to it, by its newest version."""
    newest = select(_PLANS.c.id, _VERSIONS.c.document).where(
        _VERSIONS.c.plan_id == _PLANS.c.id, _VERSIONS.c.number == _PLANS.c.newest
    )
    for plan_id, packed in connection.execute(newest).all():
        code = derive_plan_code(json.loads(zlib.decompress(packed)))
        if code:
            connection.execute(update(_PLANS).where(_PLANS.c.id == plan_id).values(code=code))
