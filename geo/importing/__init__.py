"""Files of a bureau become layers of a dataset."""

from geo.importing.options import ImportFile, ImportOptions, ImportReport, OnProgress
from geo.importing.pipeline import derive_units, import_files, import_paths, revise_units, store_layers

__all__ = [
    "ImportFile",
    "ImportOptions",
    "ImportReport",
    "OnProgress",
    "derive_units",
    "import_files",
    "import_paths",
    "revise_units",
    "store_layers",
]
