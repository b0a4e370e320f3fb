"""OpenStreetMap: extracts read and sorted, features downloaded when asked, made into layers."""
