"""How long each table keeps its rows, and what erases them."""
