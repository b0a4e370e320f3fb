"""The measure counts what a small drawn tree holds."""

from tests.measure import MAX_MODULES, find_cycles, measure, read_modules, without_parameters

FIRST = '''"""First."""
from geo.two import b


def corrected(a: int, b: int) -> int:
    """Sum in metres.

    Raises
    ------
    ValueError
        Never mind.
    """
    # a comment
    if a:
        raise ValueError("")

    return a + b


class Part:
    """A part."""

    def width(self) -> float:
        """Width, metres."""
        return 1.0
'''


def drawn_tree(root):
    (root / "geo/two").mkdir(parents=True)
    (root / "analysis").mkdir()
    (root / "app").mkdir()
    (root / "geo/a.py").write_text(FIRST, encoding="utf-8")
    (root / "geo/two/__init__.py").write_text('"""Two."""\n', encoding="utf-8")
    (root / "geo/two/b.py").write_text('"""B."""\nfrom geo import a\n\n\nclass Part:\n    x = 1\n', "utf-8")
    (root / "tests/geo").mkdir(parents=True)
    (root / "tests/geo/test_a.py").touch()


def test_the_table_of_a_drawn_tree(tmp_path):
    drawn_tree(tmp_path)
    table = dict(measure(read_modules(tmp_path), tmp_path))
    assert table["modules / lines / code lines"].endswith(" / 11")
    assert table[f"folders above {MAX_MODULES} modules"] == "none"
    assert table["public functions named by a participle, preposition or x_of"] == "50.0 %"
    assert table["class names that mean two to five things"] == "1"
    assert table["public functions of two or more arguments without Parameters"] == "1 of 1"
    assert table["public docstrings that name a unit / a shape / an example"].startswith("100.0 %")
    assert table["modules without a mirrored test file"] == "1 of 2"


def test_packages_that_import_each_other_are_found(tmp_path):
    drawn_tree(tmp_path)
    modules = read_modules(tmp_path)
    assert find_cycles(modules) == [("geo", "geo.two")]


def test_the_help_of_a_command_documents_its_arguments(tmp_path):
    (tmp_path / "app").mkdir()
    text = (
        "Folder = Annotated[Path, Argument(help='a folder')]\n\n\ndef show(folder: Folder, n: {n}) -> None:\n    pass\n"
    )
    path = tmp_path / "app/main.py"
    path.write_text(text.format(n="Annotated[int, Option(help='how many')]"), encoding="utf-8")
    assert without_parameters(read_modules(tmp_path)) == []
    path.write_text(text.format(n="int"), encoding="utf-8")
    assert without_parameters(read_modules(tmp_path)) == ["app.main.show"]
