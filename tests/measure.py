"""The size and the wording of the code, counted from the code itself: `make measure`."""

from __future__ import annotations

import ast
import io
import re
import statistics
import sys
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("geo", "analysis", "app", "pianqu")
MAX_MODULES = 14
"""Modules a folder may hold."""
SHORT_LINES = 60
"""A module below this is looked at: it may be a crumb."""
LONG_LINES = 50
"""A function above this is looked at."""
PRIVATE_WORDS = ("told", "beside", "said", "worth", "heed", "quay", "town", "met", "apart", "nobody")
"""Words that no engineer of the field reads at once."""
PREPOSITIONS = frozenset(
    [
        "at",
        "among",
        "beside",
        "by",
        "for",
        "from",
        "in",
        "into",
        "near",
        "of",
        "on",
        "over",
        "to",
        "under",
        "with",
        "within",
        "without",
    ]
)
EXAMPLE = re.compile(r">>>")
CONVERSIONS = ("from_", "to_")
UNIT_WORD = re.compile(
    r"\b(metres?|m2|m²|square metres|kilomet|km|degrees?|years?|months?|days?|seconds?|ms|households?|"
    r"ports?|bikes|yuan|share|ratio|fraction|percent|posts|bytes|pixels?)\b|EPSG|CRS",
    re.IGNORECASE,
)
SHAPE_WORD = re.compile(r"\(n(,|\))|\([a-z_]+,( [a-z_0-9]+)?\)|shape|n rows|\bCSR\b")
IRREGULAR_PARTICIPLES = frozenset(
    [
        "told",
        "said",
        "met",
        "led",
        "met",
        "kept",
        "left",
        "drawn",
        "given",
        "taken",
        "known",
        "shown",
        "held",
        "made",
        "found",
        "put",
        "written",
        "seen",
        "gone",
    ]
)


@dataclass(frozen=True)
class Function:
    """One function or method as the measure sees it."""

    name: str
    is_public: bool
    n_arguments: int
    code_lines: int
    docstring: str
    is_hinted: bool
    raises: bool
    annotations: tuple[ast.expr | None, ...] = ()


@dataclass(frozen=True)
class Module:
    """One file, parsed."""

    name: str
    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text)

    @cached_property
    def code_rows(self) -> frozenset[int]:
        """Rows that hold code: no comment, docstring or blank line."""
        skipped = {
            tokenize.COMMENT,
            tokenize.NL,
            tokenize.NEWLINE,
            tokenize.INDENT,
            tokenize.DEDENT,
            tokenize.ENCODING,
            tokenize.ENDMARKER,
        }
        documented = {
            row
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
            for row in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        }
        rows: set[int] = set()
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type not in skipped:
                rows |= {*range(token.start[0], token.end[0] + 1)}
        return frozenset(rows - documented)

    @cached_property
    def imports(self) -> frozenset[str]:
        """Dotted names it imports anywhere, the names taken from a package included."""
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        return frozenset(found)

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """Functions and methods, nested ones apart."""
        return tuple(self._functions(self.tree, is_public=True))

    def _functions(self, holder: ast.Module | ast.ClassDef, *, is_public: bool) -> Iterator[Function]:
        for node in holder.body:
            if isinstance(node, ast.ClassDef):
                yield from self._functions(node, is_public=is_public and node.name[0] != "_")
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                own = [a for a in every if a.arg not in ("self", "cls")]
                rows = range(node.lineno, (node.end_lineno or node.lineno) + 1)
                yield Function(
                    name=node.name,
                    is_public=is_public and node.name[0] != "_",
                    n_arguments=len(own),
                    code_lines=sum(row in self.code_rows for row in rows),
                    docstring=ast.get_docstring(node) or "",
                    is_hinted=all(a.annotation for a in own) and node.returns is not None,
                    raises=any(isinstance(n, ast.Raise) for n in ast.walk(node)),
                    annotations=tuple(a.annotation for a in own),
                )

    @property
    def classes(self) -> list[str]:
        """Names of its classes."""
        return [node.name for node in self.tree.body if isinstance(node, ast.ClassDef)]


def read_modules(root: Path = ROOT, rooms: Iterable[str] = ROOMS) -> list[Module]:
    """Every module of the rooms."""
    found = []
    for room in rooms:
        for path in sorted((root / room).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            name = ".".join(part for part in parts if part != "__init__")
            found.append(Module(name, path, path.read_text(encoding="utf-8")))
    return found


def is_odd_name(name: str) -> bool:
    """Whether a function's name is a participle, a preposition or an `x_of`.

    Examples
    --------
    >>> [is_odd_name(name) for name in ("corrected", "labels_on", "from_frame", "read_file")]
    [True, True, False, False]
    """
    if name.startswith(CONVERSIONS):
        return False
    words = name.split("_")
    first_is_participle = words[0] in IRREGULAR_PARTICIPLES or (words[0].endswith("ed") and len(words[0]) > 4)
    return first_is_participle or words[0] in PREPOSITIONS or words[-1] in PREPOSITIONS


def package_of(modules: Sequence[Module]) -> dict[str, str]:
    """The package each module is in, by dotted name; a package's own file belongs to the package."""
    return {
        module.name: module.name if module.path.stem == "__init__" else module.name.rpartition(".")[0] or module.name
        for module in modules
    }


def find_cycles(modules: Sequence[Module]) -> list[tuple[str, str]]:
    """Pairs of packages that import each other, each pair once, sorted."""
    package = package_of(modules)
    arrows: dict[str, set[str]] = defaultdict(set)
    for module in modules:
        here = package[module.name]
        arrows[here] |= {package[name] for name in module.imports & set(package)} - {here}
    return sorted((a, b) for a in arrows for b in arrows[a] if a < b and a in arrows.get(b, ()))


def measure(modules: list[Module], root: Path = ROOT) -> list[tuple[str, str]]:
    """The table: a line each of what is counted, and the figure."""
    return [*_sizes(modules, root), *_names(modules), *_docstrings(modules), *_structure(modules, root)]


def crowded_folders(modules: list[Module], root: Path = ROOT) -> list[str]:
    """Folders with more modules than a reader takes in, and how many they hold."""
    folders = Counter(m.path.parent.relative_to(root).as_posix() for m in _without_packages(modules))
    return [f"{name} {n}" for name, n in folders.most_common() if n > MAX_MODULES]


def guarded_imports(modules: list[Module]) -> list[str]:
    """Modules that import something for types alone, which hides a circle."""
    return [m.name for m in modules if "TYPE_CHECKING" in m.text]


def odd_names(modules: list[Module]) -> list[str]:
    """Public functions named by a participle, a preposition or an `x_of`."""
    return [f"{m.name}.{f.name}" for m in modules for f in m.functions if f.is_public and is_odd_name(f.name)]


def without_parameters(modules: list[Module]) -> list[str]:
    """Public functions of two or more arguments whose docstring has no Parameters.

    A command documents an argument by the help of its annotation, there or under a name of its own.
    """
    helped = {
        target.id
        for m in modules
        for node in m.tree.body
        if isinstance(node, ast.Assign) and _has_help(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return [
        f"{m.name}.{f.name}"
        for m in modules
        for f in m.functions
        if f.is_public and f.n_arguments >= 2 and "Parameters\n" not in f.docstring
        if not all(_has_help(a) or (isinstance(a, ast.Name) and a.id in helped) for a in f.annotations)
    ]


def _has_help(annotation: ast.expr | None) -> bool:
    """Whether it is an `Annotated` in which a call gives a help."""
    return isinstance(annotation, ast.Subscript) and any(
        keyword.arg == "help" for n in ast.walk(annotation) if isinstance(n, ast.Call) for keyword in n.keywords
    )


def without_tests(modules: list[Module], root: Path = ROOT) -> list[str]:
    """Modules that have no test file at the same path."""
    return [m.name for m in _without_packages(modules) if not _mirror(m, root).exists()]


def _sizes(modules: list[Module], root: Path) -> Iterator[tuple[str, str]]:
    inner = _without_packages(modules)
    lines = {m.name: m.text.count("\n") for m in modules}
    code = sum(len(m.code_rows) for m in modules)
    yield "modules / lines / code lines", f"{len(modules)} / {sum(lines.values()):,} / {code:,}"
    yield f"folders above {MAX_MODULES} modules", "; ".join(crowded_folders(modules, root)) or "none"
    known = {m.name for m in modules}
    importers = Counter(name for m in modules for name in m.imports & known - {m.name})
    single = sum(importers[m.name] == 1 for m in inner)
    short = sum(lines[m.name] < SHORT_LINES for m in inner)
    yield f"modules with one importer / below {SHORT_LINES} lines", f"{single} / {short}"
    lengths = [f.code_lines for m in modules for f in m.functions]
    long = _percent(sum(n > LONG_LINES for n in lengths), len(lengths))
    median = f"{statistics.median(lengths):g}" if lengths else "–"
    yield (f"functions / median code lines / above {LONG_LINES}", f"{len(lengths)} / {median} / {long}")


def _names(modules: list[Module]) -> Iterator[tuple[str, str]]:
    public = _public_functions(modules)
    yield "public functions named by a participle, preposition or x_of", _percent(len(odd_names(modules)), len(public))
    words: Counter[str] = Counter()
    for module in modules:
        apart = re.sub(r"([a-z])([A-Z])", r"\1 \2", module.text).lower()
        words.update(word for word in re.findall(r"[a-z]+", apart) if word in PRIVATE_WORDS)
    yield "private words in the code", "; ".join(f"{word} {words[word]}" for word in PRIVATE_WORDS)
    homes = Counter(name for m in modules for name in {*m.classes})
    yield "class names that mean two to five things", str(sum(n > 1 for n in homes.values()))


def _docstrings(modules: list[Module]) -> Iterator[tuple[str, str]]:
    public = _public_functions(modules)
    several = [f for f in public if f.n_arguments >= 2]
    without = len(without_parameters(modules))
    yield ("public functions of two or more arguments without Parameters", f"{without} of {len(several)}")
    tests = (UNIT_WORD.search, SHAPE_WORD.search, EXAMPLE.search)
    found = [_percent(sum(bool(test(f.docstring)) for f in public), len(public)) for test in tests]
    yield "public docstrings that name a unit / a shape / an example", " / ".join(found)
    raising = [f for f in public if f.raises]
    shares = (
        _percent(sum(bool(f.docstring) for f in public), len(public)),
        _percent(sum(f.is_hinted for f in public), len(public)),
        _percent(sum("Raises\n" in f.docstring for f in raising), len(raising)),
    )
    yield "public functions documented / hinted / raising ones with Raises", " / ".join(shares)


def _structure(modules: list[Module], root: Path) -> Iterator[tuple[str, str]]:
    skips = [m.text.count("# fmt: " + "skip") for m in modules]
    yield "suppressed formatting: lines / files", f"{sum(skips)} / {sum(n > 0 for n in skips)}"
    inner = _without_packages(modules)
    yield "modules without a mirrored test file", f"{len(without_tests(modules, root))} of {len(inner)}"
    guarded = len(guarded_imports(modules))
    pairs = len(find_cycles(modules))
    yield ("pairs of packages that import each other / modules with TYPE_CHECKING", f"{pairs} / {guarded}")


def _public_functions(modules: list[Module]) -> list[Function]:
    return [f for m in modules for f in m.functions if f.is_public]


def _without_packages(modules: list[Module]) -> list[Module]:
    return [m for m in modules if m.path.stem != "__init__"]


def _mirror(module: Module, root: Path) -> Path:
    parts = module.path.relative_to(root).parts
    return root.joinpath("tests", *parts[:-1], f"test_{parts[-1]}")


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def main() -> int:
    """Print the table."""
    rows = measure(read_modules())
    width = max(len(name) for name, _ in rows)
    for name, figure in rows:
        print(f"{name:<{width}}  {figure}")  # noqa: T201  # it is what the command is for
    return 0


if __name__ == "__main__":
    sys.exit(main())
