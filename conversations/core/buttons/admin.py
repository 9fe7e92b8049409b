"""Buttons of admins: team, campaigns, links, blocked senders, audit log, status and alerts."""
