"""Commands that work on the stored data: backups, figures, keys and purging."""
