"""Data are corrected: values, places, unmanaged single buildings."""
