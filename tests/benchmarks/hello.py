"""The smallest bot with python-telegram-bot: it answers /start, and does nothing else."""

import sys

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CommandHandler, ContextTypes

from tests.benchmarks.processes import end_with_parent


async def start(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.effective_message
    button = InlineKeyboardButton("Write the letter", callback_data="write")
    await update.effective_message.reply_text(
        "Hello", reply_markup=InlineKeyboardMarkup([[button]])
    )


def main(token: str, url: str) -> None:
    application = Application.builder().token(token).base_url(f"{url}/bot").build()
    application.add_handler(CommandHandler("start", start))
    application.run_polling()


if __name__ == "__main__":
    end_with_parent()
    main(sys.argv[1], sys.argv[2])
