"""Write the files of a new campaign from its page and the answers so far."""

from datetime import date
from typing import Any

from conversations.editing.new.state import NewCampaign
from conversations.folder.campaign_files import CAMPAIGN_FILE, CampaignFiles
from conversations.folder.edits.section_editing import remove_section, set_section
from conversations.folder.edits.toml_editing import set_value
from conversations.folder.new_campaign import Template
from conversations.folder.page_import.cue_words import first_label
from conversations.folder.page_import.documents import read_pasted
from conversations.folder.page_import.page_campaign import (
    blocks,
    campaign_from_page,
    markdown_line,
    plain_line,
)
from conversations.folder.page_import.page_parts import Part, Placed, Proposal, Reason

ORGANISATION = "organisation"
"""A kind of target that has no template of its own."""

NO_SLUG = "my-campaign"
"""The name of the files until the campaign has one."""

_REASON = "Say here why you are writing."
_POSTAL = "with your postal address"
_RECIPIENT = "Say what that means for your supporters."
_OUT_OF_HANDS = "What becomes of your letter there is out of our hands."

_TARGET_IDS = {
    Template.GOVERNMENT: "minister",
    Template.COMPANY: "company",
    Template.REPRESENTATIVE: "representative",
}
"""The id of the target in each template."""

_TYPED_PARTS = {
    "title": Part.TITLE,
    "story": Part.STORY,
    "ask": Part.ASK,
    "demands": Part.DEMANDS,
}
"""The questions whose answers are parts of the page."""

_TEXTS = ("organisation", "contact", "official_page", "privacy_policy")
"""The questions whose answers are values of the file, under the same names."""


def language_of(state: NewCampaign) -> str:
    """Return the language of the texts, English while it isn't known."""
    return state.language or state.answers.get("language", "en")


def template_of(state: NewCampaign) -> Template:
    """Return the template that fits the target."""
    kind = state.answers.get("kind", "")
    return Template(kind) if kind in tuple(Template) else state.template


def title_of(state: NewCampaign) -> str:
    """Return the title so far; "" if there is none."""
    return " ".join(each.text for each in _proposal(state).paragraphs(Part.TITLE))


def story_of(state: NewCampaign) -> str:
    """Return the story so far as plain text; "" if there is none."""
    return blocks(_proposal(state).paragraphs(Part.STORY), plain_line, bold=False)


def files_of(state: NewCampaign) -> CampaignFiles:
    """Return the campaign's files. What isn't answered yet is as in the template."""
    slug, language = state.answers.get("slug", NO_SLUG), language_of(state)
    template = template_of(state)
    files = campaign_from_page(_proposal(state), slug, language, template)
    name = f"{language}.md"
    content = {
        CAMPAIGN_FILE: _facts(state, files.content[CAMPAIGN_FILE].decode()).encode(),
        name: _texts(state, files.content[name].decode()).encode(),
    }
    return CampaignFiles(slug, content)


def _proposal(state: NewCampaign) -> Proposal:
    """Return the page's paragraphs with those that were typed instead of missing ones."""
    typed = [
        Placed(paragraph, part, Reason.CAMPAIGNER)
        for key, part in _TYPED_PARTS.items()
        if key in state.answers
        for paragraph in read_pasted(state.answers[key])
    ]
    return Proposal((*state.placed, *typed))


# --- campaign.toml --------------------------------------------------------------------------------


def _facts(state: NewCampaign, facts: str) -> str:
    """Return `campaign.toml` with the answers."""
    # In test mode because of an admin's decision: the file would prevent going live in the chat.
    values: dict[tuple[str, ...], Any] = {("test",): False}
    answers, target = state.answers, ("targets", _TARGET_IDS[template_of(state)])
    values |= {(key,): answers[key] for key in _TEXTS if key in answers}
    if "keep_until" in answers:
        values["keep_until",] = date.fromisoformat(answers["keep_until"])
    if answers.get("at_risk"):
        values["at_risk",] = answers["at_risk"].split(",")
    if "target" in answers:
        values[*target, "name", language_of(state)] = answers["target"]
    if "address" in answers:
        values[*target, "address"] = answers["address"]
    if "country" in answers:
        values["likely_countries",] = [answers["country"]]
        values[*target, "country"] = answers["country"]
    if answers.get("kind") == ORGANISATION:
        values[*target, "kind"] = ORGANISATION
    for path, value in values.items():
        facts = set_value(facts, path, value)
    return facts


# --- the texts ------------------------------------------------------------------------------------


def _texts(state: NewCampaign, texts: str) -> str:
    """Return the file of texts with the answers."""
    answers, language = state.answers, language_of(state)
    parts = {each.part for each in state.placed}
    if "subject" in answers:
        subject = plain_line(" ".join(answers["subject"].split()))
        texts = set_section(texts, "Subject", subject)
    if Part.LABEL not in parts and (label := first_label(language)):
        texts = set_section(texts, "Label", label)
    if Part.MORE not in parts:
        texts = remove_section(texts, "More")
    if "letter" in answers:
        paragraphs = read_pasted(answers["letter"])
        texts = texts.replace(_REASON, blocks(paragraphs, plain_line, bold=False), 1)
    if "postal" in answers:
        postal = markdown_line(" · ".join(answers["postal"].split("\n")))
        texts = texts.replace(_POSTAL, postal, 1)
    if language.partition("-")[0] == "en":
        texts = texts.replace(_RECIPIENT, _OUT_OF_HANDS, 1)
    return texts
