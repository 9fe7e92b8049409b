"""Publishing a draft, a colleague's approval, and restoring an older version."""
