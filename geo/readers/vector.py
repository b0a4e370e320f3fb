"""Map layers from GeoJSON, GeoPackage, shapefile, FlatGeobuf and KML files."""

from __future__ import annotations

import logging
import re
import shutil
import tempfile
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from geo.errors import EmptyLayerError, UnreadableFileError
from geo.findings import Finding
from geo.readers.raw import RawLayer

logger = logging.getLogger(__name__)

VECTOR_SUFFIXES = (".geojson", ".json", ".gpkg", ".shp", ".zip", ".fgb", ".kml")

_ZIP_MEMBERS, _ZIP_BYTES, _ZIP_RATIO = 200, 2_000_000_000, 100
_LATIN = "ISO-8859-1"  # gives every byte back unchanged, so text can be decoded afterwards
_PREFIX = {".geojson": "GeoJSON:", ".json": "GeoJSON:"}
_COMMON_HANZI = 0xD7  # GB2312 lead bytes B0–D7 hold the 3,755 common characters
_PLAUSIBLE = 0.6


def read_vector(path: Path, *, encoding: str | None = None) -> tuple[RawLayer, ...]:
    """Read every layer of a map file as it stands, with text decoded.

    Only the format its extension names is read: the first bytes are checked before GDAL opens the
    file, so that a virtual format under a false name cannot reach other files or the network.

    Parameters
    ----------
    path
        .geojson, .json, .gpkg, .shp, .zip (with one or more shapefiles), .fgb or .kml.
    encoding
        Of a shapefile's text; by default the declared one, UTF-8 or GB18030, whichever reads as
        plausible Chinese.

    Returns
    -------
    One layer for each layer of the file that has rows, in the CRS the file states.

    Raises
    ------
    UnreadableFileError
        If the file is missing, damaged, or something else than its name says.
    EmptyLayerError
        If no layer has a row.
    """
    if not path.is_file():
        raise UnreadableFileError(
            f"找不到文件“{path}”; 请检查路径。", f"File '{path}' does not exist; check the path."
        )
    suffix = path.suffix.lower()
    if suffix == ".zip":
        with _unzipped(path) as shapefiles:
            layers = [layer for one in shapefiles for layer in _layers(one, path.name, encoding)]
    else:
        layers = list(_layers(path, path.name, encoding))
    if not layers:
        raise EmptyLayerError(
            f"“{path.name}”里没有任何要素; 请检查导出时是否选中了数据。",
            f"'{path.name}' has no feature; check what was selected when it was exported.",
        )
    return tuple(layers)


def _layers(path: Path, file: str, encoding: str | None) -> Iterator[RawLayer]:
    suffix = path.suffix.lower()
    crs_stated = _check_head(path, file)
    source = _PREFIX.get(suffix, "") + str(path)
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(source)]
    except pyogrio.errors.DataSourceError as error:
        raise _damaged(file, error) from error
    for name in names:
        frame = _read(source, name, file, shapefile=suffix == ".shp")
        if frame is None or len(frame) == 0:
            continue
        used: str | None = None
        findings: list[Finding] = []
        if suffix == ".shp":
            frame, used, findings = _decoded(frame, path, file, encoding)
        sheet = name if len(names) > 1 or (suffix == ".shp" and path.name != file) else None
        yield RawLayer(
            file=file,
            frame=frame,
            rows=np.arange(1, len(frame) + 1, dtype=np.int64),
            sheet=sheet,
            encoding=used,
            crs_stated=crs_stated and frame.crs is not None,
            findings=(*findings, *_blank_shapes(frame, file, sheet)),
        )


def _read(source: str, layer: str, file: str, *, shapefile: bool) -> gpd.GeoDataFrame | None:
    """One layer; None for a table without geometry, as GeoPackages carry them beside the maps."""
    options: dict[str, Any] = {"encoding": _LATIN} if shapefile else {}
    try:
        with warnings.catch_warnings():  # unsound rings come back as null and are reported then
            warnings.simplefilter("ignore", RuntimeWarning)
            frame = pyogrio.read_dataframe(source, layer=layer, on_invalid="ignore", **options)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError,
            pyogrio.errors.FeatureError, pyogrio.errors.GeometryError, UnicodeDecodeError,
            ValueError, RuntimeError) as error:  # fmt: skip
        raise _damaged(file, error) from error
    return frame if isinstance(frame, gpd.GeoDataFrame) else None


def _damaged(file: str, error: Exception) -> UnreadableFileError:
    reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
    reason = re.sub(r"[A-Za-z]*:?/\S*/", "", reason)
    return UnreadableFileError(
        f"“{file}”无法读取, 文件不完整或内容与扩展名不符({reason}); 请重新导出。",
        f"'{file}' cannot be read, it is incomplete or not what its name says ({reason}); export it again.",
    )


def _blank_shapes(frame: gpd.GeoDataFrame, file: str, sheet: str | None) -> list[Finding]:
    """A shapefile cut short reads as rows without geometry: half of them missing is damage."""
    missing = int(shapely.is_missing(frame.geometry.to_numpy()).sum())
    if len(frame) < 4 or missing < 0.25 * len(frame):
        return []
    return [
        Finding("warning", "geometry.many_missing",
                f"{len(frame)} 个要素中有 {missing} 个没有图形, 文件可能不完整; 请核对原文件。",
                f"{missing} of {len(frame)} features have no geometry; the file may be cut short. "
                "Check the original.", file=file, sheet=sheet)
    ]  # fmt: skip


# --- what a file really is ----------------------------------------------------------------------


def _check_head(path: Path, file: str) -> bool:
    """Refuse a file that is not what its extension says; tell whether it names its CRS itself."""
    suffix = path.suffix.lower()
    with path.open("rb") as handle:
        head = handle.read(4096)
    if suffix in (".geojson", ".json"):
        return _check_geojson(path, file, head)
    expected = {
        ".gpkg": head.startswith(b"SQLite format 3\x00"),
        ".shp": head.startswith(b"\x00\x00\x27\x0a"),
        ".fgb": head.startswith(b"fgb\x03fgb"),
        ".kml": _is_kml(path),
    }
    if not expected.get(suffix, False):
        raise _not_what_it_says(file, suffix)
    if suffix == ".shp":
        _check_companions(path, file)
    return suffix != ".kml"


def _check_geojson(path: Path, file: str, head: bytes) -> bool:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise EmptyLayerError(
            f"“{file}”是空文件; 请重新导出。", f"'{file}' is an empty file; export it again."
        )
    if not text.startswith(b"{"):
        raise _not_what_it_says(file, path.suffix.lower())
    if b'"Topology"' in head[:1024]:
        raise _not_what_it_says(file, path.suffix.lower())
    named = re.search(rb'"crs"\s*:\s*\{.*?"name"\s*:\s*"([^"]+)"\s*\}', head, re.DOTALL)
    return named is not None and b"CRS84" not in named.group(1)


def _is_kml(path: Path) -> bool:
    data = path.read_bytes()
    lower = data[:4096].lower()
    hostile = b"<!doctype" in lower or b"<!entity" in lower or b"<ogrvrt" in data.lower()
    return b"<kml" in lower and not hostile


def _check_companions(path: Path, file: str) -> None:
    """A shapefile is several files; without .shx and .dbf it is only outlines or less."""
    there = {p.suffix.lower() for p in path.parent.glob("*") if p.stem == path.stem}
    missing = [s for s in (".shx", ".dbf") if s not in there]
    if missing:
        raise UnreadableFileError(
            f"“{file}”缺少同名的 {'、'.join(missing)} 文件; 请把 .shp .shx .dbf .prj 一起拷来, 或打成 zip。",
            f"'{file}' lacks its {', '.join(missing)}; bring .shp .shx .dbf .prj together or zipped.",
        )


def _not_what_it_says(file: str, suffix: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"“{file}”的内容不是 {suffix} 格式; 请确认文件来源, 用正确的格式重新导出。",
        f"The content of '{file}' is not {suffix}; check where it comes from and export it in that format.",
    )


# --- zipped shapefiles --------------------------------------------------------------------------


@contextmanager
def _unzipped(path: Path) -> Iterator[list[Path]]:
    """The shapefiles of an archive in a temporary folder, with limits on number and size."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise _damaged(path.name, error) from error
    folder = Path(tempfile.mkdtemp(prefix="pianqu-"))
    try:
        with archive:
            members = _checked_members(path, archive)
            for number, member in enumerate(members):
                name = _member_name(member)
                inside = folder / str(_group(members, member)) / Path(name).name
                inside.parent.mkdir(exist_ok=True)
                _extract(archive, member, inside, path.name)
                logger.debug("%s: member %d of %d", path.name, number + 1, len(members))
        shapefiles = sorted(p for p in folder.rglob("*") if p.suffix.lower() == ".shp")
        if not shapefiles:
            raise UnreadableFileError(
                f"压缩包“{path.name}”里没有 .shp 文件; 请把 .shp .shx .dbf .prj 打在一个包里。",
                f"There is no .shp in '{path.name}'; pack .shp .shx .dbf .prj together.",
            )
        yield shapefiles
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _checked_members(path: Path, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Members worth unpacking; refuses archives that would fill the disk or leave the folder."""
    members = [m for m in archive.infolist() if not m.is_dir()]
    total = sum(m.file_size for m in members)
    packed = max(1, sum(m.compress_size for m in members))
    if len(members) > _ZIP_MEMBERS or total > _ZIP_BYTES or total / packed > _ZIP_RATIO:
        raise UnreadableFileError(
            f"压缩包“{path.name}”解开后有 {len(members)} 个文件、{total / 1e6:.0f} MB, 超出限制; "
            "请解压后只导入需要的文件。",
            f"'{path.name}' would unpack to {len(members)} files, {total / 1e6:.0f} MB, beyond the limits; "
            "unpack it yourself and import only what is needed.",
        )
    for member in members:
        parts = Path(_member_name(member).replace("\\", "/")).parts
        if ".." in parts or (parts and parts[0].startswith("/")):
            raise UnreadableFileError(
                f"压缩包“{path.name}”里有指向包外的文件名, 已拒绝; 请重新打包。",
                f"'{path.name}' has a member that points outside the archive; it was refused, pack it again.",
            )
    wanted = (".shp", ".shx", ".dbf", ".prj", ".cpg")
    return [m for m in members if Path(_member_name(m)).suffix.lower() in wanted
            and "__MACOSX" not in m.filename]  # fmt: skip


def _member_name(member: zipfile.ZipInfo) -> str:
    """A member's name; Windows packs Chinese names as GBK without saying so."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return member.filename


def _group(members: list[zipfile.ZipInfo], member: zipfile.ZipInfo) -> int:
    """A number for the member's folder in the archive, so that equal names do not collide."""
    folders = sorted({str(Path(_member_name(m)).parent) for m in members})
    return folders.index(str(Path(_member_name(member)).parent))


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, to: Path, file: str) -> None:
    """Unpack one member, never more bytes than its header promised."""
    left = member.file_size
    try:
        with archive.open(member) as source, to.open("wb") as target:
            while chunk := source.read(1 << 20):
                left -= len(chunk)
                if left < 0:
                    raise zipfile.BadZipFile("member is longer than declared")
                target.write(chunk)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise _damaged(file, error) from error


# --- text of shapefiles -------------------------------------------------------------------------


def _decoded(
    frame: gpd.GeoDataFrame, path: Path, file: str, encoding: str | None
) -> tuple[gpd.GeoDataFrame, str | None, list[Finding]]:
    """Column names and text of a shapefile, from bytes read as Latin-1 to what they mean."""
    columns = [c for c in frame.columns if c != "geometry"]
    texts = [c for c in columns if pd.api.types.is_string_dtype(frame[c].dtype)]
    samples = [c.encode(_LATIN) for c in columns]
    for column in texts:
        samples += [v.encode(_LATIN) for v in frame[column].dropna().unique()]
    samples = [s for s in samples if not s.isascii()]
    declared = _declared_encoding(path)
    chosen = encoding or choose_encoding(samples, declared)
    findings = []
    if samples and not encoding and chosen != (declared or chosen):
        findings.append(
            Finding("warning", "encoding.declared_wrong",
                    f"文件声明的编码是 {declared}, 实际按 {chosen} 才能读通, 已按 {chosen} 读取; 请核对名称。",
                    f"The file declares {declared} but only {chosen} reads as text; {chosen} was used. "
                    "Check the names.", file=file)
        )  # fmt: skip
    try:
        renamed = _distinct({c: _text(c, chosen) for c in columns})
        decoded = frame.rename(columns=renamed)
        for column in texts:
            known = {v: _text(v, chosen) for v in frame[column].dropna().unique()}
            decoded[renamed[column]] = frame[column].map(known).astype("str")
    except (UnicodeDecodeError, LookupError) as error:
        raise UnreadableFileError(
            f"“{file}”里的文字不能按 {chosen} 读取; 请用 --encoding 指明编码, 例如 GB18030 或 UTF-8。",
            f"The text of '{file}' cannot be read as {chosen}; name the encoding with --encoding, "
            "for example GB18030 or UTF-8.",
        ) from error
    return decoded, chosen if samples else None, findings


def _distinct(names: dict[str, str]) -> dict[str, str]:
    """Names cut to the same letters get a number, so that no column covers another."""
    seen: dict[str, int] = {}
    out = {}
    for source, name in names.items():
        seen[name] = seen.get(name, 0) + 1
        out[source] = name if seen[name] == 1 else f"{name}#{seen[name]}"
    return out


def choose_encoding(samples: list[bytes], declared: str | None) -> str:
    """The encoding in which byte strings read as plausible Chinese.

    Parameters
    ----------
    samples
        Byte strings with at least one byte beyond ASCII each.
    declared
        What the file says of itself, tried first; None where it says nothing.

    Returns
    -------
    The first of: declared, UTF-8, GB18030 in which all samples decode and at least 60 % of the
    characters beyond ASCII are common hanzi; else the best of those that decode at all.

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


def _plausibility(samples: list[bytes], encoding: str) -> float | None:
    """Share of common hanzi among the characters beyond ASCII; None where it does not decode."""
    good = total = 0
    for sample in samples:
        try:
            text = _text(sample.decode(_LATIN), encoding)
        except (UnicodeDecodeError, LookupError):
            return None
        for char in text:
            if not char.isascii():
                total += 1
                good += _is_common(char)
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


def _text(latin: str, encoding: str) -> str:
    """Bytes held as Latin-1, decoded; a last character cut by the field's width is dropped."""
    data = latin.encode(_LATIN)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start > 0 and len(data) - error.start < 4 and len(data) >= 9:
            return data[: error.start].decode(encoding)
        raise


def _declared_encoding(path: Path) -> str | None:
    """What .cpg or the language byte of the .dbf says."""
    for companion in path.parent.glob("*"):
        if companion.stem == path.stem and companion.suffix.lower() == ".cpg":
            name = companion.read_text(encoding="ascii", errors="ignore").strip()
            return _encoding_name(name)
    for companion in path.parent.glob("*"):
        if companion.stem == path.stem and companion.suffix.lower() == ".dbf":
            with companion.open("rb") as handle:
                head = handle.read(32)
            return "gb18030" if len(head) > 29 and head[29] == 0x4D else None
    return None


def _encoding_name(name: str) -> str | None:
    """Names as .cpg files write them ("65001", "936", "GBK", "OEM 936"), as Python knows them."""
    plain = re.sub(r"^(OEM|ANSI|CP)[ _-]*", "", name.upper())
    known = {"65001": "utf-8", "UTF8": "utf-8", "UTF-8": "utf-8", "936": "gb18030", "54936": "gb18030",
             "GBK": "gb18030", "GB2312": "gb18030", "GB18030": "gb18030", "950": "big5"}  # fmt: skip
    if plain in known:
        return known[plain]
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return None
    return name or None
