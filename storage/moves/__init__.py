"""Move a bot's data from SQLite to PostgreSQL while the bot runs.

A snapshot of the file is copied; what changed meanwhile follows from comparing two snapshots. In
the end the new database is compared with the file by numbers and hashes of rows.
"""
