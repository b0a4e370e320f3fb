"""Files are uploaded, previewed and imported."""
