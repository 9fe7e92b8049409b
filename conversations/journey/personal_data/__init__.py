"""What is stored of a person: seen, handed out as a file, taken back with a consent, or erased."""
