"""Watch the running bot: alerts, digests, reports and the heartbeat."""
