"""Draw charts as PNG pictures, in a separate process."""
