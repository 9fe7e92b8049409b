"""A campaign: its settings and texts, targets, own questions, languages and versions."""
