"""Email: write and sign outgoing mail, send it by SMTP, and read incoming mail."""
