"""The same journey as one would write it first: a `ConversationHandler` with its default settings.

It keeps the answers in memory and sends mail inline. It asks the same questions and sends the same
two mails.
"""

import re
import secrets
import sys
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import orjson
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    filters,
)
from telegram.request import HTTPXRequest

from conversations.folder.loading import load_campaigns
from conversations.model.campaigns.campaign import Campaign
from tests.benchmarks.crowd import GO_ON, LEFT, SEND, WRITE
from tests.benchmarks.processes import ROOT, end_with_parent

Context = ContextTypes.DEFAULT_TYPE

WELCOME, WARNING, NAME, COUNTRY, ADDRESS, CODE, REVIEW = range(7)
OURS = "actions@send.example"


def sample() -> Campaign:
    """Return the sample campaign, whose texts both bots use."""
    (loaded,) = load_campaigns(ROOT / "conversations" / "campaigns")
    assert loaded.campaign
    return loaded.campaign


CAMPAIGN = sample()
TEXTS, TARGET = CAMPAIGN.texts["en"], CAMPAIGN.targets[0]


async def start(update: Update, _: Context) -> int:
    message = update.effective_message
    assert message
    await message.reply_html(
        f"<b>{TEXTS.title}</b>\n\n{TEXTS.story}\n\n{TEXTS.ask}",
        reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton(WRITE, callback_data="write")]]),
    )
    return WELCOME


async def write(update: Update, _: Context) -> int:
    assert update.callback_query and update.effective_message
    await update.callback_query.answer()
    await update.effective_message.reply_html(
        TEXTS.at_risk,
        reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton(GO_ON, callback_data="go_on")]]),
    )
    return WARNING


async def go_on(update: Update, _: Context) -> int:
    assert update.callback_query and update.effective_message
    await update.callback_query.answer()
    await update.effective_message.reply_text(
        "What’s your name? Your letter will be signed with it."
    )
    return NAME


async def name(update: Update, context: Context) -> int:
    _keep(update, context, "name")
    assert update.message
    await update.message.reply_text("Which country do you live in?")
    return COUNTRY


async def country(update: Update, context: Context) -> int:
    _keep(update, context, "country")
    assert update.message
    await update.message.reply_text("What’s your email address?")
    return ADDRESS


async def address(update: Update, context: Context) -> int:
    answers = _keep(update, context, "address")
    assert update.message
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", answers["address"]):
        await update.message.reply_text("This is no email address.")
        return ADDRESS
    digits = f"{secrets.randbelow(10**8):08}"
    answers["code"] = f"{digits[:4]} {digits[4:]}"
    mail = EmailMessage()
    mail["From"], mail["To"] = OURS, answers["address"]
    mail["Subject"] = f"{answers['code']} is your code for the letter"
    mail.set_content("Type it in the chat. If this wasn't you, forget this mail.")
    await aiosmtplib.send(mail, hostname="127.0.0.1", port=context.bot_data["smtp_port"])
    await update.message.reply_text(f"I’ve emailed a code to {answers['address']}. Type it here.")
    return CODE


async def code(update: Update, context: Context) -> int:
    assert update.message and context.user_data is not None
    if update.message.text != context.user_data["code"]:
        await update.message.reply_text("This is not the code.")
        return CODE
    await update.message.reply_text(
        f"This is your letter.\n\n{_letter(context.user_data)}",
        reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton(SEND, callback_data="send")]]),
    )
    return REVIEW


async def send(update: Update, context: Context) -> int:
    assert update.callback_query and update.effective_message and context.user_data is not None
    await update.callback_query.answer()
    answers = context.user_data
    mail = EmailMessage()
    mail["From"], mail["To"] = OURS, TARGET.address
    mail["Reply-To"] = answers["address"]
    mail["Subject"] = TEXTS.subjects[0]
    mail.set_content(_letter(answers))
    await aiosmtplib.send(mail, hostname="127.0.0.1", port=context.bot_data["smtp_port"])
    await update.effective_message.reply_html(f"✓ <b>{LEFT}.</b>\n\n{TEXTS.thanks}")
    return ConversationHandler.END


def _keep(update: Update, context: Context, what: str) -> dict[Any, Any]:
    assert update.message and context.user_data is not None
    context.user_data[what] = update.message.text
    return context.user_data


def _letter(answers: dict[Any, Any]) -> str:
    text = TEXTS.letters[0].replace("{demands}", TEXTS.demands).replace("{own_words}\n\n", "")
    text = text.replace("{target}", TARGET.name["en"])
    return text.replace("{name}", answers["name"]).replace("{country}", answers["country"])


class Request(HTTPXRequest):
    """The default, but parses JSON with orjson, as our bot does."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        answer: dict[str, Any] = orjson.loads(payload)
        return answer


def main(token: str, url: str, smtp_port: int) -> None:
    # 256 and 1 are the builder's own.
    builder = Application.builder().token(token).base_url(f"{url}/bot")
    requests = Request(connection_pool_size=256), Request(connection_pool_size=1)
    application = builder.request(requests[0]).get_updates_request(requests[1]).build()
    application.bot_data["smtp_port"] = smtp_port
    typed = filters.TEXT & ~filters.COMMAND
    application.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("start", start)],
            states={
                WELCOME: [CallbackQueryHandler(write, "write")],
                WARNING: [CallbackQueryHandler(go_on, "go_on")],
                NAME: [MessageHandler(typed, name)],
                COUNTRY: [MessageHandler(typed, country)],
                ADDRESS: [MessageHandler(typed, address)],
                CODE: [MessageHandler(typed, code)],
                REVIEW: [CallbackQueryHandler(send, "send")],
            },
            fallbacks=[CommandHandler("start", start)],
        )
    )
    application.run_polling()


if __name__ == "__main__":
    end_with_parent()
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
