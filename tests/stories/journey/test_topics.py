"""Chats with topics: the bot answers in the topic of the person's last message (Bot API 9.3)."""

from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import (
    ANSWERED,
    COUNTRY,
    LEAVES,
    NAME,
    PORTUGAL,
    REMEMBER,
    UPDATES,
    WELCOME,
)


def topics(chat: Chat) -> list[int]:
    """Return the topics of the bot's messages in the chat, oldest first; 0 outside topics."""
    return [
        message.get("message_thread_id", 0)
        for _, message in sorted(chat.person.messages.items())
        if message["from"]["is_bot"]
    ]


async def opens_topic(chat: Chat, name: str) -> int:
    """Open a topic, and write there from now on."""
    topic = chat.person.open_topic(name)
    await chat.stage.answer_updates()
    return topic


async def test_a_journey_in_a_topic(stage: Stage, maria: Chat) -> None:
    topic = await opens_topic(maria, "Hong Kong")
    maria.hears()
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    maria.hears(LEAVES, UPDATES, REMEMBER)
    await stage.later(seconds=31)
    maria.hears("✎ ✓ Your letter was sent at …")
    assert set(topics(maria)) == {topic}


async def test_answers_follow_the_person_from_topic_to_topic(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    first = await opens_topic(maria, "First")
    await maria.presses("Write the letter", "Continue")  # the button is outside topics
    maria.hears(NAME)
    await maria.says("Maria Silva")
    maria.hears(COUNTRY)
    second = await opens_topic(maria, "Second")
    await maria.says("Portugal")
    maria.hears(PORTUGAL)
    maria.person.topic = 0
    await maria.says("nonsense")
    assert topics(maria)[-4:] == [0, first, second, 0]
    assert len(maria.heard()) == 1


async def test_a_press_answers_in_the_topic_of_its_message(stage: Stage, maria: Chat) -> None:
    topic = await opens_topic(maria, "Hong Kong")
    await maria.starts("hong-kong")
    maria.hears(WELCOME)
    maria.person.topic = 0
    await maria.presses("Write the letter", "Continue")
    maria.hears(NAME)
    await maria.presses_again(maria.last["message_id"] - 2, "t:0:0:yes")
    maria.hears(ANSWERED)
    assert topics(maria) == [topic, topic, topic]


async def test_the_state_of_a_letter_is_shown_in_the_topic_of_the_last_message(
    stage: Stage, maria: Chat
) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    status = next(m for m in maria.person.chat() if m["text"] == LEAVES)
    topic = await opens_topic(maria, "Later")
    await maria.says("/help")
    maria.hears("I’m a bot.…")
    del maria.person.messages[status["message_id"]]  # so that it cannot be edited
    await stage.later(seconds=31)
    maria.hears("✓ Your letter was sent at …")
    assert topics(maria)[-2:] == [topic, topic]


async def test_a_closed_topic_is_answered_outside_topics(stage: Stage, maria: Chat) -> None:
    topic = await opens_topic(maria, "Hong Kong")
    maria.person.topics[topic] = False
    await maria.starts("hong-kong")
    maria.hears(WELCOME)
    assert topics(maria) == [0]


async def test_a_deleted_topic_is_answered_outside_topics(stage: Stage, maria: Chat) -> None:
    topic = await opens_topic(maria, "Hong Kong")
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    maria.hears(LEAVES, UPDATES, REMEMBER)
    del maria.person.topics[topic]
    for message in [*maria.person.messages.values()]:
        if message["from"]["is_bot"]:
            del maria.person.messages[message["message_id"]]  # a topic takes its messages with it
    await stage.later(seconds=31)
    maria.hears("✓ Your letter was sent at …")
    await maria.says("/help")
    maria.hears("I’m a bot.…")
    assert set(topics(maria)) == {0}


async def test_a_picture_in_a_topic_that_is_gone(stage: Stage, maria: Chat) -> None:
    topic = await opens_topic(maria, "River")
    stage.opens("river")
    del maria.person.topics[topic]
    await maria.starts("river")
    assert maria.last["photo"]
    assert set(topics(maria)) == {0}
