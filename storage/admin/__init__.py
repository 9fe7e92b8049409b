"""What staff control and see: roles, audit log, alerts, campaign modes and link sources."""
