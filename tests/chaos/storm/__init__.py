"""Supporters, an admin and a broadcast on two replicas and two workers, while everything fails."""
