"""The commands that keep an office's work safe: one archive, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.base.arguments import AsJson, Folder
from app.cli.base.console import print_json, tell
from app.cli.base.outputs import check_output, check_output_folder
from app.i18n import say
from geo.messages import Sentence
from geo.storage.disk_errors import explain_disk_errors


def backup(
    folder: Folder,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="备份文件 .zip / the archive")],
    store: Annotated[
        str | None,
        typer.Option(
            "--store",
            metavar="URL",
            envvar="PIANQU_STORE_URL",
            show_envvar=False,
            help="方案库, 默认为数据集旁的 SQLite 文件 / store of plans [PIANQU_STORE_URL]",
        ),
    ] = None,
    without_plans: Annotated[
        bool, typer.Option("--without-plans", help="不含方案库 / leave the store of plans out")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """备份数据集和方案库, 服务器不必停。 Back up the dataset and its plans, also while the server runs.

    规划任务 (名称.cache) 不在其中。方案库在 PostgreSQL 中时也一样。
    Runs (NAME.cache) are left out. Plans in PostgreSQL are backed up in the same way.
    """
    from app.desks.backup.backup import back_up

    check_output(out, "--out")
    with explain_disk_errors(out):
        found = back_up(folder, out, store, with_plans=not without_plans)
    size = out.stat().st_size
    if as_json:
        print_json({"file": str(out), "bytes": size, "files": len(found.files), "rows": found.rows})
        return
    plans = _plans(found.rows)
    told = {"name": found.name, "out": out, "files": len(found.files), "size": size / 1e6, "plans": plans}
    tell(say("cli.backed_up", **told), say("cli.to_restore", out=out))


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="备份文件 / the archive")],
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="空文件夹或尚不存在 / empty, or not there yet")],
    store: Annotated[
        str | None,
        typer.Option(
            "--store",
            metavar="URL",
            help="方案恢复到这个空的方案库, 如 postgresql://… / an empty store for the plans [the SQLite file]",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """从备份恢复: 逐个核对 sha256, 不覆盖任何内容。 Restore a backup: every hash proven, nothing overwritten.

    方案库恢复为数据集旁的 SQLite 文件, 或放进 --store 所写的空方案库。
    The store of plans becomes the SQLite file beside the dataset, or goes into an empty one named by --store.
    """
    from app.desks.backup.restore import restore as put_back
    from app.session.folders import default_store_path
    from app.store.engine import store_place

    check_output_folder(into, "--into")
    with explain_disk_errors(into):
        found = put_back(file, into, store)
    kept = (store_place(store) if store else str(default_store_path(into))) if found.rows is not None else None
    if as_json:
        print_json({"dataset": str(into), "store": kept, "made": found.made, "rows": found.rows})
        return
    told = {"name": found.name, "made": found.made, "into": into, "files": len(found.files)}
    tell(say("cli.restored", **told, plans=_plans(found.rows)), say("cli.to_open", into=into))


def _plans(rows: dict[str, int] | None) -> Sentence:
    if rows is None:
        return say("cli.without_plans")
    return say("cli.with_plans", plans=rows.get("plans", 0), versions=rows.get("versions", 0))
