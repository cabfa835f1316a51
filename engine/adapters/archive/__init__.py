"""Archives: bars from files people have (parquet, feather, CSV), and a market made of the bars in the cache."""

from engine.adapters.archive.importer import SOURCE, ImportReport, import_paths
from engine.adapters.archive.market import ArchiveMarket
from engine.adapters.archive.read import read_file

__all__ = ["SOURCE", "ArchiveMarket", "ImportReport", "import_paths", "read_file"]
