"""Figures in the chat: statistics, insights, anomalies, charts and CSV."""
