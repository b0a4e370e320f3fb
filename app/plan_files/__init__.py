"""Plans read back from files that others edited: GeoJSON, GeoPackage, Excel, a bureau's own table of areas."""
