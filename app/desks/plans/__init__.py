"""Plans are listed, compared, permitted and downloaded."""
