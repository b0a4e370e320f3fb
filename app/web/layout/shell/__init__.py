"""The frame of the page: header, side panel, map, tables, and the page around them."""
