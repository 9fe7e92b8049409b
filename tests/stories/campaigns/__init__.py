"""Dialogues about campaigns: new ones, edits, versions, modes, links, languages."""
