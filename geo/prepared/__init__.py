"""The rows of one source layer on their way into a dataset: mapped to its fields, with what was found in them."""
