"""Maps as drawings for paper and for the wall: SVG made on the server, sharp at any size, at a true scale on paper."""
