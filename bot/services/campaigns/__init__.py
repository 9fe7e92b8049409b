"""Campaigns that are served: published versions, the folder that they come from, their modes."""
