"""What admins do in the chat: team, campaigns, links, status, alerts, audit log."""
