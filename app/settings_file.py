"""Settings of an office in `pianqu.toml`: one table of them all, checked, below options and environment.

A setting that the environment does not have is put into it, so that whoever reads settings reads one place, child
processes too. The file is the one named by ``PIANQU_CONFIG``, else `pianqu.toml` in the present folder.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from app.i18n import say
from app.settings import HOST, PORT
from geo.errors import UsageError
from geo.messages import Sentence
from geo.sandbox.processes import ReadLimits

FILE = "pianqu.toml"
CONFIG = "PIANQU_CONFIG"
_LARGEST_FILE = 1_000_000


@dataclass(frozen=True)
class Setting:
    """One setting.

    Parameters
    ----------
    key
        In the file, "section.name".
    env
        Name of the environment variable.
    kind
        Of the value: str, int, or Path, which is beside the file where it is not absolute.
    zh, en
        What it is.
    default
        What holds where nothing is set, as text; "" = nothing.
    choices
        The words it may be; () = any.
    least, most
        Range of a number.
    """

    key: str
    env: str
    kind: type
    zh: str
    en: str
    default: str = ""
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None


def _limits() -> Iterator[Setting]:
    """What reading a file may cost, from the limits themselves."""
    for field in fields(ReadLimits):
        name = field.name
        zh, en = say(f"settings.read_{name}")
        env = f"PIANQU_READ_{name.upper()}"
        yield Setting(f"read.{name}", env, int, zh, en, str(field.default), least=1)


SETTINGS: tuple[Setting, ...] = (
    Setting("answer.lang", "PIANQU_LANG", str, *say("settings.lang"), choices=("zh", "en")),
    Setting("serve.data", "PIANQU_DATA", Path, *say("settings.data"), "data/processed/demo"),
    Setting("serve.store", "PIANQU_STORE_URL", str, *say("settings.store")),
    Setting("serve.host", "PIANQU_HOST", str, *say("settings.host"), HOST),
    Setting("serve.port", "PIANQU_PORT", int, *say("settings.port"), str(PORT), least=1, most=65535),
    Setting("sheets.agency", "PIANQU_AGENCY", str, *say("settings.agency")),
    Setting("sheets.maker", "PIANQU_MAKER", str, *say("settings.maker")),
    Setting("sheets.checker", "PIANQU_CHECKER", str, *say("settings.checker")),
    Setting("sheets.approval", "PIANQU_APPROVAL", str, *say("settings.approval")),
    Setting("sheets.paper", "PIANQU_PAPER", str, *say("settings.paper"), "A3", choices=("A3", "A4", "16:9")),
    Setting("base_map.file", "PIANQU_BASEMAP", Path, *say("settings.base_map")),
    Setting("base_map.approval", "PIANQU_BASEMAP_APPROVAL", str, *say("settings.base_map_approval")),
    Setting("base_map.source", "PIANQU_BASEMAP_SOURCE", str, *say("settings.base_map_source")),
    Setting("base_map.tianditu_key", "PIANQU_TIANDITU_KEY", str, *say("settings.tianditu_key")),
    *_limits(),
    Setting("jobs.slots", "PIANQU_JOB_SLOTS", int, *say("settings.job_slots"), least=1, most=64),
    Setting("jobs.memory_mb", "PIANQU_JOB_MEMORY_MB", int, *say("settings.job_memory_mb"), least=1),
    Setting("jobs.wall_s", "PIANQU_JOB_WALL_S", int, *say("settings.job_wall_s"), "10800", least=1),
    Setting("fetch.overpass_url", "PIANQU_OVERPASS_URL", str, *say("settings.overpass_url")),
    Setting("fetch.nominatim_url", "PIANQU_NOMINATIM_URL", str, *say("settings.nominatim_url")),
    Setting("oidc.issuer", "PIANQU_OIDC_ISSUER", str, *say("settings.oidc_issuer")),
    Setting("oidc.client_id", "PIANQU_OIDC_CLIENT_ID", str, *say("settings.oidc_client_id")),
    Setting("oidc.secret", "PIANQU_OIDC_SECRET", str, *say("settings.oidc_secret")),
    Setting("oidc.secret_file", "PIANQU_OIDC_SECRET_FILE", Path, *say("settings.oidc_secret_file")),
    Setting("oidc.scope", "PIANQU_OIDC_SCOPE", str, *say("settings.oidc_scope"), "openid profile"),
    Setting(
        "oidc.account_claim",
        "PIANQU_OIDC_ACCOUNT_CLAIM",
        str,
        *say("settings.oidc_account_claim"),
        "preferred_username",
    ),
    Setting(
        "oidc.new_accounts",
        "PIANQU_OIDC_NEW_ACCOUNTS",
        str,
        *say("settings.oidc_new_accounts"),
        "refuse",
        choices=("refuse", "create"),
    ),
    Setting("oidc.role_claim", "PIANQU_OIDC_ROLE_CLAIM", str, *say("settings.oidc_role_claim")),
    Setting("oidc.code_claim", "PIANQU_OIDC_CODE_CLAIM", str, *say("settings.oidc_code_claim")),
    Setting("log.file", "PIANQU_LOG_FILE", Path, *say("settings.log_file")),
    Setting(
        "log.level",
        "PIANQU_LOG",
        str,
        *say("settings.log_level"),
        "WARNING",
        choices=("DEBUG", "INFO", "WARNING", "ERROR"),
    ),
    Setting("log.format", "PIANQU_LOG_FORMAT", str, *say("settings.log_format"), choices=("json", "text")),
    Setting("log.max_mb", "PIANQU_LOG_MAX_MB", int, *say("settings.log_max_mb"), "5", least=1, most=1000),
    Setting("log.kept", "PIANQU_LOG_KEPT", int, *say("settings.log_kept"), "4", least=0, most=100),
)
"""Every setting, in the order of the page that lists them."""


@contextmanager
def use_settings(environment: MutableMapping[str, str], folder: Path) -> Iterator[None]:
    """The settings of the file are in the environment meanwhile, wherever it has none of its own.

    Parameters
    ----------
    environment
        Of the process.
    folder
        The present one.

    Raises
    ------
    UsageError
        If the file cannot be read, or a value in it or in the environment is wrong.
    """
    for one in SETTINGS:
        if environment.get(one.env, "").strip():
            check_value(one, environment[one.env].strip(), say("settings.of_environment", name=one.env))
    named = environment.get(CONFIG, "").strip()
    path = Path(named) if named else folder / FILE
    found = read_settings(path) if named or path.is_file() else {}
    added = {name: text for name, text in found.items() if not environment.get(name, "").strip()}
    before = {name: environment[name] for name in added if name in environment}
    environment.update(added)
    try:
        yield
    finally:
        for name in added:
            del environment[name]
        environment.update(before)


def read_settings(path: Path) -> dict[str, str]:
    """The settings of a file, as texts by environment variable.

    Parameters
    ----------
    path
        A TOML file.

    Raises
    ------
    UsageError
        If it cannot be read, has a name that is no setting, or a value that cannot be: all are named together.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise UsageError(*say("settings.unreadable", path=path, error="> 1 MB"))
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(*say("settings.unreadable", path=path, error=error)) from error
    known = {one.key: one for one in SETTINGS}
    found: dict[str, str] = {}
    faults: list[Sentence] = []
    for key, value in _flat(told):
        if key not in known:
            near = get_close_matches(key, known, n=1) or get_close_matches(
                key.rpartition(".")[2], known, n=1, cutoff=0.5
            )
            hint = say("settings.did_you_mean", name=near[0]) if near else say("settings.see_page")
            faults.append(say("settings.unknown", path=path, key=key, hint=hint))
            continue
        one = known[key]
        try:
            found[one.env] = check_value(one, value, say("settings.of_file", path=path, key=key), path.parent)
        except UsageError as error:
            faults.append(Sentence(error.zh, error.en))
    if faults:
        raise UsageError(*Sentence.join(faults, ("\n", "\n")))
    return found


def check_value(one: Setting, value: Any, where: Sentence, folder: Path | None = None) -> str:
    """A value as the text that the environment has of it.

    Parameters
    ----------
    one
        The setting.
    value
        As it was given: a text, or what a TOML file has.
    where
        For the sentence: file and key, or the variable.
    folder
        That paths are beside; None = left as they are.

    Raises
    ------
    UsageError
        If it cannot be.

    Examples
    --------
    >>> check_value(next(one for one in SETTINGS if one.key == "serve.port"), 8060, Sentence("", ""))
    '8060'
    """
    if one.kind is int:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        number = int(value) if is_number or (isinstance(value, str) and folder is None and _is_whole(value)) else None
        low, high = one.least is None or (number or 0) >= one.least, one.most is None or (number or 0) <= one.most
        if number is None or not (low and high):
            raise UsageError(*say("settings.wrong", where=where, value=repr(value), expected=describe_expected(one)))
        return str(number)
    if not isinstance(value, str) or "\x00" in value or (one.choices and value not in one.choices):
        raise UsageError(*say("settings.wrong", where=where, value=repr(value), expected=describe_expected(one)))
    is_path = one.kind is Path and folder is not None and value and value != "tianditu"
    return str(folder.absolute() / value) if is_path and folder is not None else value


def describe_expected(one: Setting) -> Sentence:
    """What a value of a setting may be, in words.

    Examples
    --------
    >>> describe_expected(SETTINGS[0]).en
    'one of zh, en'
    """
    if one.choices:
        return say("settings.one_of", choices=", ".join(one.choices))
    if one.kind is int and one.most is not None:
        return say("settings.between", least=one.least, most=one.most)
    return say("settings.at_least", least=one.least) if one.kind is int else say("settings.text")


def _is_whole(text: str) -> bool:
    return text.isdecimal() and text.isascii()


def _flat(told: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in told.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value
