"""What is kept: tables, transactions, queries, and the encryption of what is personal."""
