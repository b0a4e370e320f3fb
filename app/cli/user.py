"""Accounts on the command line: the first one can be made nowhere else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.base.arguments import AsJson
from app.cli.base.console import print_json, say_name, tell
from app.i18n import say

_Data = Annotated[
    Path, typer.Option("--data", metavar="DIR", envvar="PIANQU_DATA", show_envvar=False, help="数据集 / dataset folder")
]
_StoreUrl = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        envvar="PIANQU_STORE_URL",
        show_envvar=False,
        help="方案库, 默认为数据集旁的 SQLite 文件 / store of plans [PIANQU_STORE_URL]",
    ),
]
_Name = Annotated[str, typer.Argument(metavar="NAME", help="登录名 / name to sign in by")]
_DEMO = Path("data/processed/demo")


def add_user(
    name: _Name,
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help="角色 / city, district, street, company, viewer")],
    full_name: Annotated[
        str, typer.Option("--full-name", metavar="TEXT", help="姓名, 签在每次改动上 / signs what is written")
    ] = "",
    code: Annotated[
        str, typer.Option("--code", metavar="CODE", help="所管区、街道的代码 / code of the district or street")
    ] = "",
    company: Annotated[str, typer.Option("--company", metavar="ID", help="企业编号 / id of the company")] = "",
    no_password: Annotated[
        bool, typer.Option("--no-password", help="不设口令, 只用单点登录 / none: by single sign-on alone")
    ] = False,
    data: _Data = _DEMO,
    store: _StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """新建账号; 口令在屏幕上输入或从标准输入读取。 Add an account; its password is asked, or read from stdin."""
    from app.desks.accounts.codes import check_code

    accounts = _accounts(data, store)
    check_code(data, role, code, company)
    password = None if no_password else _ask_password()
    made = accounts.add(name, password, role, full_name=full_name, code=code, company=company)
    if as_json:
        print_json(_record(made))
        return
    where = made.code or made.company or say("cli.whole_city")
    tell(say("cli.user_added", name=made.name, role=made.role, where=where), say("cli.restart_workbench"))


def list_users(data: _Data = _DEMO, store: _StoreUrl = None, as_json: AsJson = False) -> None:
    """列出账号。 List the accounts."""
    rows = _accounts(data, store).list()
    if as_json:
        print_json([_record(row) for row in rows])
        return
    for row in rows:
        state = f" ({say_name(say('cli.disabled'))})" if row.is_disabled else ""
        tell(f"{row.name}  {row.full_name}  {row.role}  {row.code or row.company or '—'}{state}")


def change_password(name: _Name, data: _Data = _DEMO, store: _StoreUrl = None, as_json: AsJson = False) -> None:
    """换口令, 已登录的页面随之退出。 Set another password; open sessions end."""
    accounts = _accounts(data, store)
    made = accounts.set_password(name, _ask_password())
    print_json(_record(made)) if as_json else tell(say("cli.password_changed", name=made.name))


def disable_user(
    name: _Name,
    data: _Data = _DEMO,
    store: _StoreUrl = None,
    back: Annotated[bool, typer.Option("--back", help="重新启用 / let it sign in again")] = False,
    as_json: AsJson = False,
) -> None:
    """停用账号, 它的记录都留着。 Let an account sign in no more; what it wrote stays."""
    made = _accounts(data, store).disable(name, back=back)
    state = say("cli.enabled" if back else "cli.disabled")
    print_json(_record(made)) if as_json else tell(say("cli.user_state", name=made.name, state=state))


def make_token(
    name: _Name,
    data: _Data = _DEMO,
    store: _StoreUrl = None,
    drop: Annotated[bool, typer.Option("--drop", help="作废全部令牌 / end all its tokens")] = False,
    as_json: AsJson = False,
) -> None:
    """给程序读取用的令牌, 只显示这一次。 A token by which a program reads; it is shown this once."""
    accounts = _accounts(data, store)
    if drop:
        ended = accounts.drop_tokens(name)
        print_json({"ended": ended}) if as_json else tell(say("cli.tokens_dropped", n=ended))
        return
    token = accounts.add_token(name)
    print_json({"token": token}) if as_json else tell(say("cli.token_made", token=token))


def _record(row: Any) -> dict[str, Any]:
    """An account as JSON; never its password."""
    return {key: getattr(row, key) for key in ("name", "full_name", "role", "code", "company", "is_disabled")}


def _accounts(data: Path, store: str | None) -> Any:
    from app.session.folders import default_store_path
    from app.store.accounts import Accounts
    from app.store.store import open_store

    return Accounts(open_store(store or f"sqlite:///{default_store_path(data)}"))


def _ask_password() -> str:
    """From the keyboard, unseen and twice; from a pipe its first line. Never an argument: others would see it."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    asked, again = (say_name(say(f"cli.{name}")) for name in ("password", "password_again"))
    return str(typer.prompt(asked, hide_input=True, confirmation_prompt=again))
