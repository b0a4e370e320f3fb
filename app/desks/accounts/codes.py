"""Places and companies of accounts: known in the dataset, called by their names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.i18n import Words, say
from app.store.access import Access, is_inside
from geo.admin.gazetteer import district_names, gazetteer_layers, known_streets, street_names
from geo.errors import UnknownCodeError
from geo.storage.commits import MANIFEST
from geo.storage.dataset import Dataset, open_dataset

_MOST_LISTED = 20


@dataclass(frozen=True)
class SignedAccount:
    """Whoever is signed in, in words.

    Parameters
    ----------
    name
        Signs what is written.
    role, place
        What the account is, and of which place.
    may_audit
        Whether it may see who did what.
    may_operate
        Whether it may see how the server is.
    """

    name: str
    role: str
    place: str
    may_audit: bool
    may_operate: bool


def describe_account(dataset: Dataset | None, access: Access, words: Words) -> SignedAccount | None:
    """Whoever is signed in; None where nobody signs in.

    Parameters
    ----------
    dataset
        The data; None before there are any.
    access
        Of the account.
    words
        Texts in the reader's language.
    """
    if not access.name:
        return None
    role, place = words(f"account.role_{access.role}"), name_place(dataset, access, words)
    is_city = access.role == "city"
    return SignedAccount(access.name, role, place, may_audit=is_city, may_operate=is_city)


def check_code(folder: Path, role: str, code: str, company: str) -> None:
    """Refuse an account of a place or company the dataset does not know; without a dataset nothing is checked.

    Parameters
    ----------
    folder
        Dataset folder.
    role
        Of the account.
    code, company
        As they were written; "" = none.

    Raises
    ------
    UnknownCodeError
        If it is not known; some that are known are named.
    """
    if not (folder / MANIFEST).is_file():
        return
    dataset = open_dataset(folder)
    layers = gazetteer_layers(dataset)
    streets, districts = street_names(layers), district_names(layers)
    known = {"district": districts, "street": streets}.get(role, {**districts, **streets})
    if code and code not in known:
        listed = ", ".join(f"{key} {name}" for key, name in sorted(known.items())[:_MOST_LISTED])
        raise UnknownCodeError(*say("account.unknown_place", code=code[:40], known=listed or "—"))
    companies = dataset.layer("companies")
    ids = set(companies["company_id"].astype(str))
    if company and company not in ids:
        listed = ", ".join(sorted(ids)[:_MOST_LISTED])
        raise UnknownCodeError(*say("account.unknown_company", company=company[:40], known=listed or "—"))


def name_place(dataset: Dataset | None, access: Access, words: Words) -> str:
    """What the place or company of an account is called.

    Parameters
    ----------
    dataset
        The data; None before there are any.
    access
        Of the account.
    words
        Texts in the reader's language.
    """
    if not access.code and not access.company:
        return words("account.whole_city")
    if dataset is None:
        return access.code or access.company
    if access.company:
        companies = dataset.layer("companies")
        names = dict(zip(companies["company_id"].astype(str), companies["name"], strict=True))
        return str(names.get(access.company, access.company))
    layers = gazetteer_layers(dataset)
    return {**district_names(layers), **street_names(layers)}.get(access.code, access.code)


def list_own_streets(dataset: Dataset, access: Access) -> list[str]:
    """Codes of the streets of an account's place; none where it is the whole city.

    Parameters
    ----------
    dataset
        The data.
    access
        Of the account.
    """
    if not access.code:
        return []
    return sorted(one.code for one in known_streets(gazetteer_layers(dataset)) if is_inside(one.code, access.code))
