"""Encodings of text: detection among UTF-8 and GB18030, and repair of mojibake."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from geo.errors import UnreadableFileError
from geo.findings import Finding
from geo.messages import load_catalogue
from geo.raw_layer import RawLayer

say = load_catalogue(__file__)

LATIN = "ISO-8859-1"
"""Gives every byte back unchanged, so text can be decoded afterwards."""

_COMMON_HANZI = 0xD7  # GB2312 lead bytes B0–D7 hold the 3,755 common characters
_PLAUSIBLE = 0.6
_LOST = re.compile("\ufffd|锟斤|斤拷|烫烫|屯屯|^[?？]{2,}$|[\u4e00-\u9fff][?？]{3,}")
_SHOWN = 20
"""Values of one column named one by one."""


# --- choosing -----------------------------------------------------------------------------------


def choose_encoding(samples: Sequence[bytes], declared: str | None) -> str:
    """The encoding in which byte strings read as plausible Chinese.

    Parameters
    ----------
    samples
        Byte strings with at least one byte beyond ASCII each.
    declared
        What the file says of itself, tried first; None where it says nothing.

    Returns
    -------
    The first of: declared, UTF-8, GB18030 in which nearly all samples decode and at least 60 % of
    the characters beyond ASCII are common hanzi; else the best of those that decode at all.

    Examples
    --------
    >>> choose_encoding(["翠园社区".encode("gbk")], None)
    'gb18030'
    >>> choose_encoding(["翠园社区".encode()], "GBK")
    'utf-8'
    """
    order = [declared, "utf-8", "gb18030"] if declared else ["utf-8", "gb18030"]
    if not samples:
        return order[0] or "utf-8"
    scores: dict[str, float] = {}
    for name in order:
        score = _plausibility(samples, name)
        if score is not None:
            scores.setdefault(name, score)
    if declared in scores and scores[declared] >= _PLAUSIBLE and "utf-8" not in scores:
        return str(declared)
    fitting = [name for name, score in scores.items() if score >= _PLAUSIBLE]
    if "utf-8" in fitting:  # GBK text hardly ever happens to be sound UTF-8
        return "utf-8"
    if fitting:
        return fitting[0]
    return max(scores, key=lambda name: scores[name]) if scores else "gb18030"


def _plausibility(samples: Sequence[bytes], encoding: str) -> float | None:
    """Share of common hanzi among the characters beyond ASCII; None where it does not decode.

    One sample in ten may fail: files put together from two sources are mixed.
    """
    good = total = failed = 0
    for sample in samples:
        try:
            text = decode_truncated(sample, encoding)
        except UnicodeDecodeError:
            failed += 1
            continue
        except LookupError:
            return None
        total += sum(not char.isascii() for char in text)
        good += sum(not char.isascii() and _is_common(char) for char in text)
    if failed > 0.1 * len(samples):
        return None
    return good / total if total else 0.0


def _is_common(char: str) -> bool:
    """A common hanzi, full-width letter or Chinese punctuation."""
    try:
        data = char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    if len(data) == 2 and 0xB0 <= data[0] <= _COMMON_HANZI:
        return True
    return unicodedata.category(char)[0] in "PN" or 0xFF00 <= ord(char) <= 0xFFEF


def decode_truncated(data: bytes, encoding: str) -> str:
    """Bytes decoded; a last character cut by the width of a field is dropped.

    Parameters
    ----------
    data
        The bytes of one field.
    encoding
        As Python names it.

    Raises
    ------
    UnicodeDecodeError
        If the bytes are no text of that encoding.
    """
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start > 0 and len(data) - error.start < 4 and len(data) >= 9:
            return data[: error.start].decode(encoding)
        raise


def decode_value(data: bytes, chosen: str, others: Sequence[str]) -> tuple[str | None, str]:
    """One value of a file in `chosen`, which may be cut, or stem from a file in another encoding.

    Parameters
    ----------
    data
        The bytes of one field.
    chosen
        Encoding of the file.
    others
        Encodings tried where that one fails.

    Returns
    -------
    The text that reads most like Chinese, and its encoding; None where nothing decodes.

    Examples
    --------
    >>> decode_value("小区名称".encode()[:10], "utf-8", ["gb18030"])
    ('小区名', 'utf-8')
    >>> decode_value("翠园社".encode(), "gb18030", ["utf-8"])
    ('翠园社', 'utf-8')
    """
    try:
        return data.decode(chosen), chosen
    except UnicodeDecodeError:
        pass
    read: list[tuple[float, str, str]] = []
    for encoding in (chosen, *others):
        try:
            text = decode_truncated(data, encoding) if encoding == chosen else data.decode(encoding)
        except UnicodeDecodeError:
            continue
        beyond = [char for char in text if not char.isascii()]
        read.append((sum(map(_is_common, beyond)) / max(1, len(beyond)), text, encoding))
    if not read:
        return None, chosen
    best = max(read, key=lambda one: one[0])
    return best[1], best[2]


def encoding_name(name: str) -> str | None:
    """Names as .cpg files and XML write them ("65001", "936", "GBK"), as Python knows them.

    Examples
    --------
    >>> encoding_name("ANSI 936"), encoding_name("65001"), encoding_name("nonsense")
    ('gb18030', 'utf-8', None)
    """
    plain = re.sub(r"^(OEM|ANSI|CP)[ _-]*", "", name.strip().upper())
    known = {
        "65001": "utf-8",
        "UTF8": "utf-8",
        "UTF-8": "utf-8",
        "936": "gb18030",
        "54936": "gb18030",
        "GBK": "gb18030",
        "GB2312": "gb18030",
        "GB18030": "gb18030",
        "950": "big5",
    }
    if plain in known:
        return known[plain]
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return None
    return name or None


def decode_file(file: str, data: bytes, encoding: str | None = None) -> tuple[str, str]:
    """The text of a whole file and the encoding that fitted: a mark, UTF-8, then GB18030.

    Parameters
    ----------
    file
        Bare name, for the sentence.
    data
        Its bytes.
    encoding
        Given by the user; then nothing else is tried.

    Raises
    ------
    UnreadableFileError
        If none fits.
    """
    tried = [encoding] if encoding else ["utf-8-sig", "gb18030"]
    if not encoding and data.startswith((b"\xff\xfe", b"\xfe\xff")):
        tried = ["utf-16"]
    for name in tried:
        try:
            return data.decode(name), name.removesuffix("-sig")
        except (UnicodeDecodeError, LookupError):
            continue
    raise wrong_encoding_error(file, encoding or "UTF-8、GB18030")


def wrong_encoding_error(file: str, encoding: str) -> UnreadableFileError:
    """The error for text that is not in the encoding it should be in.

    Parameters
    ----------
    file
        Bare name, for the sentence.
    encoding
        What was tried.
    """
    return UnreadableFileError(*say("error.encoding", file=file, encoding=encoding))


def copy_as_utf8(path: Path, file: str, folder: Path, encoding: str | None) -> tuple[Path, str | None]:
    """A text file as UTF-8 without a mark: itself where it is so already, else a copy in `folder`.

    Parameters
    ----------
    path
        The file.
    file
        Bare name, for messages.
    folder
        Where a copy goes.
    encoding
        Given by the user; None tries UTF-8, then GB18030.

    Returns
    -------
    The path, and the encoding of the original where it was another.
    """
    data = path.read_bytes()
    if encoding is None and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            data.decode("utf-8")
            return path, None
        except UnicodeDecodeError:
            pass
    text, used = decode_file(file, data, encoding)
    copy = folder / f"utf8{path.suffix.lower()}"
    copy.write_text(text, encoding="utf-8", newline="")
    return copy, used


# --- spoilt text --------------------------------------------------------------------------------


def repair_mojibake(text: str) -> str | None:
    """Text as it was meant; None where what was meant is lost.

    Sound text comes back as it is. Text read in a wrong encoding comes back read in the right one
    where all of its bytes are still there and they read as plausible Chinese.

    Examples
    --------
    >>> repair_mojibake("Ð¡ÇøÃû³Æ"), repair_mojibake("灏忓尯鍚嶇О"), repair_mojibake("å°åº"), repair_mojibake("翠园")
    ('小区名称', '小区名称', None, '翠园')
    >>> repair_mojibake("锟斤拷") is None
    True
    """
    text = text.removeprefix("\ufeff").removeprefix("ï»¿")
    if text.isascii():
        return None if _LOST.search(text) else text
    if _LOST.search(text):
        return None
    meant = decode_mojibake(text)
    if meant is not None:
        return meant
    return None if _is_garbled(text) else text


def decode_mojibake(text: str) -> str | None:
    """Text that was read in a wrong encoding, read in the right one; None for any other text.

    Examples
    --------
    >>> decode_mojibake("Ð¡ÇøÃû³Æ"), decode_mojibake("翠园")
    ('小区名称', None)
    """
    for wrong, right in (
        (LATIN, "utf-8"),
        ("cp1252", "utf-8"),
        (LATIN, "gb18030"),
        ("cp1252", "gb18030"),
        ("gb18030", "utf-8"),
    ):
        try:
            meant = text.encode(wrong).decode(right)
        except UnicodeError:
            continue
        if _is_chinese(meant):
            return meant
    return None


def _is_chinese(text: str) -> bool:
    beyond = [char for char in text if not char.isascii()]
    good = sum(_is_common(char) for char in beyond)
    has_hanzi = any("\u4e00" <= char <= "\u9fff" for char in beyond)
    return has_hanzi and good >= max(1, 0.75 * len(beyond))


def _is_garbled(text: str) -> bool:
    """Whether it looks read in a wrong encoding although its bytes are no longer complete."""
    latin = sum("\u0080" <= char <= "\u00ff" or char in "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ" for char in text)
    letters = sum(char.isascii() and char.isalpha() for char in text)
    hanzi = sum("\u4e00" <= char <= "\u9fff" for char in text)
    if any("\u0080" <= char <= "\u00ff" for char in text) and latin >= 4:
        return latin > 2 * letters and hanzi == 0
    if hanzi < 3:
        return False
    data = text.encode("gb18030", errors="replace")
    meant = data.decode("utf-8", errors="ignore")
    good = sum(len(c.encode()) for c in meant if not c.isascii() and _is_common(c))
    return good >= 0.6 * len(data)


def repair_layer_text(raw: RawLayer) -> RawLayer:
    """A layer without spoilt text: read rightly where that is beyond doubt, else missing.

    Raises
    ------
    UnreadableFileError
        If the name of a column or most of its values are lost.
    """
    names: dict[str, str] = {}
    columns: dict[str, pd.Series] = {}
    found: list[Finding] = []
    for name in raw.frame.columns:
        if raw.is_map and name == raw.frame.geometry.name:
            continue
        meant = repair_mojibake(str(name))
        if meant is None:
            raise _lost_column_error(raw, str(name), str(name))
        if meant != name:
            names[name] = meant
            found.append(_repaired_finding(raw, meant, str(name), meant, None))
        values, noticed = _repair_values(raw, raw.frame[name], meant)
        if values is not None:
            columns[name] = values
        found += noticed
    if not found:
        return raw
    frame = raw.frame.assign(**columns).rename(columns=names)
    return replace(raw, frame=frame, findings=(*raw.findings, *found))


def _repair_values(raw: RawLayer, series: pd.Series, column: str) -> tuple[pd.Series | None, list[Finding]]:
    if not (series.dtype == object or pd.api.types.is_string_dtype(series.dtype)):
        return None, []
    changed: dict[str, str | None] = {}
    for text in pd.unique(series).tolist():  # ASCII is the rule and costs next to nothing here
        if isinstance(text, str) and not (text.isascii() and "??" not in text):
            meant = repair_mojibake(text)
            if meant != text:
                changed[text] = meant
    if not changed:
        return None, []
    lost = series.isin([t for t, m in changed.items() if m is None])
    if lost.sum() >= 3 and lost.sum() >= 0.5 * series.notna().sum():
        raise _lost_column_error(raw, column, str(series[lost].iloc[0]))
    values = series.map(lambda v: changed.get(v, v) if isinstance(v, str) else v)
    found = [_lost_value_finding(raw, column, int(p), str(series.iloc[p])) for p in lost.to_numpy().nonzero()[0]]
    mended = [(t, m) for t, m in changed.items() if m is not None]
    if mended:
        n = int(series.isin([t for t, _ in mended]).sum())
        found.append(_repaired_finding(raw, column, *mended[0], n))
    return values.astype(series.dtype), found


def _repaired_finding(raw: RawLayer, column: str, was: str, now: str, n: int | None) -> Finding:
    where = say("repaired.header") if n is None else say("repaired.values", n=n)
    return Finding(
        "info",
        "encoding.repaired",
        *say("encoding.repaired", where=where, was=was[:30], now=now[:30]),
        file=raw.file,
        sheet=raw.sheet,
        column=column,
        value=was[:60],
    )


def _lost_value_finding(raw: RawLayer, column: str, position: int, value: str) -> Finding:
    return Finding(
        "error",
        "encoding.mojibake",
        *say("encoding.mojibake"),
        file=raw.file,
        sheet=raw.sheet if raw.sheets is None else raw.sheets[position],
        row=int(raw.rows[position]),
        column=column,
        value=value[:60],
    )


def _lost_column_error(raw: RawLayer, column: str, value: str) -> UnreadableFileError:
    return UnreadableFileError(*say("error.garbled", file=raw.file, column=column[:20], value=value[:20]))


def deduplicate_names(names: Iterable[str]) -> list[str]:
    """Names with a number on those that were there before, so that no column covers another.

    Examples
    --------
    >>> deduplicate_names(["名称", "名称", "户数"])
    ['名称', '名称#2', '户数']
    """
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return out
