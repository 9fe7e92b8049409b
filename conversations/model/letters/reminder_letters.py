"""A second, shorter letter to a target that did not answer the first one."""

from conversations.model.campaigns.campaign import Campaign, Texts

ROUND = 2
"""The round of reminder letters; first letters have round 1. There is no third."""


def has_reminders(campaign: Campaign) -> bool:
    """Whether the campaign has the text of a reminder letter."""
    return all(texts.reminder for texts in campaign.texts.values())


def as_reminder(campaign: Campaign, target: str) -> Campaign:
    """Return the campaign as a reminder to one target has it: its letter is the reminder.

    It asks none of its own questions, since the first letter had the answers. A campaign without
    this target or without reminders stays as it is.
    """
    written_to = campaign.index.by_id.get(target)
    if written_to is None or not has_reminders(campaign):
        return campaign
    to_all = written_to.model_copy(update={"for_countries": (), "areas": ()})
    changes = {
        "targets": (to_all,),
        "areas": {},
        "targets_by": "",
        "write_to": "one",
        "questions": (),
        "texts": {language: _texts(each) for language, each in campaign.texts.items()},
    }
    return campaign.model_copy(update=changes)


def _texts(texts: Texts) -> Texts:
    subjects = (texts.reminder_subject,) if texts.reminder_subject else texts.subjects[:1]
    changes = {"subjects": subjects, "letters": (texts.reminder,), "prompts": ()}
    return texts.model_copy(update=changes)
