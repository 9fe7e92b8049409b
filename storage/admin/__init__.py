"""Tables of staff: roles, audit log, alerts, campaign modes and blocked senders."""
