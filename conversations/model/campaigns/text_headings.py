"""The headings in a campaign's files of texts, each with a short code."""

from collections.abc import Mapping

HEADINGS: Mapping[str, str] = {
    "label": "Label",
    "title": "Title",
    "story": "Story",
    "more": "More",
    "ask": "Ask",
    "demands": "Demands",
    "prompt": "Prompt",
    "prompt2": "Prompt 2",
    "reminder": "Reminder",
    "resubject": "Reminder subject",
    "who": "Who is responsible",
    "contact": "Contact",
    "recipient": "Recipient",
    "kept": "How long",
    "rights": "Your rights",
    "age": "Minimum age",
    "consent": "Consent",
    "thanks": "Thanks",
    "share": "Share",
    "atrisk": "At risk",
    "safety": "Safety",
}
"""The headings by their codes, which never change. The editor calls each `edit.part_CODE`."""

CODES: Mapping[str, str] = {heading: code for code, heading in HEADINGS.items()}

NUMBERED: Mapping[str, str] = {"s": "Subject", "l": "Letter"}
"""The headings that may come several times, with a number from the second one on."""
