"""Replies to a message (Bot API, ReplyParameters)."""

from typing import Any

from bot.playground.telegram.call import ApiCall
from bot.playground.telegram.person import Person
from bot.playground.telegram.refusal import bad_request


def reply_fields(person: Person, call: ApiCall) -> dict[str, Any]:
    """Return the field with the message that is replied to, if the call names one.

    Raises ApiRefusal if there is no such message, unless `allow_sending_without_reply` is true.
    """
    parameters = call.value("reply_parameters")
    if parameters is None:
        return {}
    if not isinstance(parameters, dict):
        raise bad_request("can't parse ReplyParameters: expected an Object")
    message = person.messages.get(ApiCall(parameters).number("message_id"))
    if message is None:
        if ApiCall(parameters).flag("allow_sending_without_reply"):
            return {}
        raise bad_request("message to be replied not found")
    # Message: "the Message object in this field will not contain further reply_to_message fields".
    return {"reply_to_message": {k: v for k, v in message.items() if k != "reply_to_message"}}
