"""Dialogues of admins: alerts, figures, roles, status."""
