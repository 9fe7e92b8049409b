"""Everything in campaign.toml can be edited in the chat, or there is a reason why not."""

import pytest

from conversations.model.campaigns.campaign import CampaignFile, TargetDefaults
from conversations.model.campaigns.campaign_questions import OwnQuestion
from conversations.model.campaigns.settings import ALL, DEFAULTS, IN_LANGUAGES, QUESTION, TARGET
from conversations.model.campaigns.targets import Target

NOT_SETTINGS = {
    "slug": "It is in links and in the database, so it never changes.",
    "languages": "A language is added with Translate, or with its file.",
    "targets": "Recipients have pages of their own.",
    "target_defaults": "They have a page among the recipients.",
    "questions": "Questions have pages of their own, among the texts.",
    "picture": "It is sent as a picture, among the texts.",
}

IDS = {"id": "It stands in letters and in the database, so it never changes."}


def test_every_fact_can_be_edited() -> None:
    keys = {each.key for each in ALL.values()}
    assert keys == {*CampaignFile.model_fields} - {*NOT_SETTINGS}


@pytest.mark.parametrize(
    ("settings", "fields"),
    [
        (TARGET, {*Target.model_fields} - {*IDS}),
        (DEFAULTS, {*TargetDefaults.model_fields}),
        (QUESTION, {*OwnQuestion.model_fields} - {*IDS, "options"}),
    ],
)
def test_everything_of_targets_and_questions_can_be_edited(
    settings: tuple[object, ...], fields: set[str]
) -> None:
    assert {getattr(each, "key", "") for each in settings} == fields


def test_texts_in_several_languages_have_one_value_for_each() -> None:
    models = (Target, OwnQuestion)
    texts = {
        name
        for model in models
        for name, field in model.model_fields.items()
        if field.annotation is not None and "dict[Annotated[str" in str(field.annotation)
    }
    assert texts - {"options"} <= IN_LANGUAGES
    assert {"name", "label", "text", "purpose", "option"} == IN_LANGUAGES
