"""A permit for two streets to go together, added to the data of a page."""

from __future__ import annotations

import datetime
import hashlib

import pandas as pd

from app.planning.request import Permit
from app.session.audit import record_change
from app.session.plan_session import PlanSession
from geo.adjacency.graph import refresh_graph
from geo.admin.gazetteer import gazetteer_layers, known_streets
from geo.corrections.permits import CROSS_STREET
from geo.dataset import open_dataset, write_dataset
from geo.errors import UnknownCodeError
from geo.storage.commits import transaction


def add_permit(session: PlanSession, permit: Permit, author: str) -> str:
    """Keep a permit in the dataset, with an audit row, and renew who is next to whom.

    Returns
    -------
    Its id.

    Raises
    ------
    UnknownCodeError
        If a street is not in the data.
    PlanningError
        If the dataset or the store cannot be written.
    """
    with session.lock_dataset(), transaction(session.folder):
        dataset = open_dataset(session.folder)
        known = {street.code for street in known_streets(gazetteer_layers(dataset))}
        for code in (permit.street_a, permit.street_b):
            if code not in known:
                raise UnknownCodeError(f"数据中没有代码为“{code}”的街道。", f"The data have no street '{code}'.")
        digest = hashlib.sha256("\x1f".join(permit.model_dump().values()).encode()).hexdigest()
        row = {
            "permit_id": f"p{digest[:12]}",
            "kind": CROSS_STREET,
            "street_a": permit.street_a,
            "street_b": permit.street_b,
            "reason": permit.reason or author,
            "approved_date": datetime.datetime.now().astimezone().date().isoformat(),
            "document_no": permit.document_no,
        }
        there = dataset.layer("permits")
        rest = there[there["permit_id"].ne(row["permit_id"])]
        frame = pd.concat([rest, pd.DataFrame([row])], ignore_index=True) if len(rest) else pd.DataFrame([row])
        dataset = write_dataset(session.folder, dataset.manifest, {"permits": frame})
        refresh_graph(dataset, session.policy.neighbour_rules())
    record_change(
        session,
        author,
        "correct.permit",
        f"{permit.street_a}–{permit.street_b}",
        after=row["permit_id"],
        note=permit.document_no,
    )
    session.current_page()
    return row["permit_id"]
