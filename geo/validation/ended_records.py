"""Contracts, bodies of owners and companies that a status says are over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo.prepared.prepared_layer import PreparedLayer

_OVER = r"(?<!未)(?<!不)(?:终止|解除|作废|撤销|解散|注销|吊销|停业|歇业|退出|失效)"


def drop_ended(prepared: PreparedLayer) -> PreparedLayer:
    """The rows without contracts that were ended; bodies and companies that are over are told.

    A contract that was ended early proves nothing of the months to come, whatever its end date says;
    a body of owners that was dissolved is none. A company struck off the register is told.

    Parameters
    ----------
    prepared
        Rows of any layer; those with a `status` are looked at.
    """
    frame = prepared.frame
    if "status" not in frame or prepared.layer not in ("contracts", "owners_bodies", "companies"):
        return prepared
    text = frame["status"].map(lambda cell: cell if isinstance(cell, str) else "")
    over = text.str.contains(_OVER, regex=True).to_numpy(dtype=bool)
    if not over.any():
        return prepared
    if prepared.layer == "contracts":
        return prepared.without(
            over,
            "status.contract_ended",
            "合同状态写明已终止, 这一行没有采用; 如仍在履行, 请改正状态。",
            "The status says that this contract was ended, so its row was not used; correct the status if "
            "it still runs.",
        )
    if prepared.layer == "owners_bodies":
        body = frame["body_type"] if "body_type" in frame else frame["status"].map(lambda _: None)
        prepared = replace(prepared, frame=frame.assign(body_type=body.mask(over, "none")))
    zh, en = _ENDED_SENTENCES[prepared.layer]
    return prepared.found(
        *(
            prepared.finding(
                "warning", "status.over", zh, en, position=int(p), column="status", value=str(text.iloc[p])
            )
            for p in np.flatnonzero(over)[:20]
        )
    )


_ENDED_SENTENCES = {
    "owners_bodies": (
        "状态写明已撤销或解散, 按没有业委会计; 请核对。",
        "The status says that the body is dissolved; it counts as none. Check it.",
    ),
    "companies": (
        "状态写明企业已注销、吊销或退出, 仍作为企业保存; 请核对它的合同, 需要时列入黑名单。",
        "The status says that this company is struck off or gone; it is kept as a company. Check its "
        "contracts, and blacklist it where it must not lead.",
    ),
}
