"""Write the files of a new campaign from its page and the answers so far."""

import json
import re
from datetime import date

from conversations.editing.new.state import NewCampaign
from conversations.folder.campaign_files import CAMPAIGN_FILE, CampaignFiles
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
from conversations.folder.text_sections import with_sections

ORGANISATION = "organisation"
"""A kind of target that has no template of its own."""

NO_SLUG = "my-campaign"
"""The name of the files until the campaign has one."""

_TARGET = re.compile(r"^\[\[targets\]\]\n(?:\w.*\n)+", re.MULTILINE)
_VALUE = r'(?:"[^"\n]*"|\[[^\]\n]*\]|\{[^}\n]*\}|[^\s#]+)'
_REASON = "Say here why you are writing."
_POSTAL = "with your postal address"
_RECIPIENT = "Say what that means for your supporters."
_OUT_OF_HANDS = "What becomes of your letter there is out of our hands."

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
    answers = state.answers
    for key in _TEXTS:
        if key in answers:
            facts = _with_value(facts, key, toml_text(answers[key]))
    if "keep_until" in answers:
        facts = _with_value(facts, "keep_until", date.fromisoformat(answers["keep_until"]))
    if answers.get("at_risk"):
        facts = _with_value(facts, "at_risk", _list(answers["at_risk"].split(",")))
    if "country" in answers:
        facts = _with_value(facts, "likely_countries", _list([answers["country"]]))
    # In test mode because of an admin's decision: the file would prevent going live in the chat.
    facts = _with_value(facts, "test", "false")
    return _TARGET.sub(lambda found: _target(state, found[0]), facts)


def _target(state: NewCampaign, block: str) -> str:
    """Return the block of the target with the answers."""
    answers, language = state.answers, language_of(state)
    values = {
        "name": _name(language, answers["target"]) if "target" in answers else "",
        "address": toml_text(answers["address"]) if "address" in answers else "",
        "country": toml_text(answers["country"]) if "country" in answers else "",
    }
    for key, value in values.items():
        if value:
            block = _with_value(block, key, value)
    if answers.get("kind") == ORGANISATION:
        block += f"kind = {toml_text(ORGANISATION)}\n"
    return block


def _name(language: str, name: str) -> str:
    return f"{{ {language} = {toml_text(name)} }}"


def _with_value(facts: str, key: str, value: object) -> str:
    """Return `campaign.toml` with another value of a key of its own, which may be a comment."""
    line = re.compile(rf"^(?:# )?{key} = {_VALUE}", re.MULTILINE)
    return line.sub(lambda _: f"{key} = {value}", facts, count=1)


def _list(values: list[str]) -> str:
    return f"[{', '.join(map(toml_text, values))}]"


def toml_text(value: str) -> str:
    """Return a text as TOML writes it (TOML 1.0, basic strings)."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


# --- the texts ------------------------------------------------------------------------------------


def _texts(state: NewCampaign, texts: str) -> str:
    """Return the file of texts with the answers."""
    answers, language = state.answers, language_of(state)
    sections: dict[str, str] = {}
    if "subject" in answers:
        sections["Subject"] = plain_line(" ".join(answers["subject"].split()))
    if label := first_label(language):
        has_label = any(each.part is Part.LABEL for each in state.placed)
        sections |= {} if has_label else {"Label": label}
    texts = with_sections(texts, sections)
    if not any(each.part is Part.MORE for each in state.placed):
        texts = re.sub(r"^# More\n.*?(?=^# )", "", texts, flags=re.MULTILINE | re.DOTALL)
    if "letter" in answers:
        paragraphs = read_pasted(answers["letter"])
        texts = texts.replace(_REASON, blocks(paragraphs, plain_line, bold=False), 1)
    if "postal" in answers:
        postal = markdown_line(" · ".join(answers["postal"].split("\n")))
        texts = texts.replace(_POSTAL, postal, 1)
    if language.partition("-")[0] == "en":
        texts = texts.replace(_RECIPIENT, _OUT_OF_HANDS, 1)
    return texts
