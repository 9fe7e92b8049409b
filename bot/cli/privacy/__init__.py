"""Commands about personal data: GDPR documents, the archive, notices, the end of the bot."""
