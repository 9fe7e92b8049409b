"""What is in a message: text with its entities, files, keyboards, quotations, and its view."""
