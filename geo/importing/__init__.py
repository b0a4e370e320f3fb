"""Files of a bureau become layers of a dataset."""

from geo.importing.options import ImportOptions, ImportReport
from geo.importing.run import import_paths, store_layers

__all__ = ["ImportOptions", "ImportReport", "import_paths", "store_layers"]
