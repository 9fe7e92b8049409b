"""A bot written with python-telegram-bot, on the playground: people join a clean-up of the river.

actionbot playground
python python_telegram_bot.py
"""

import os

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

API = os.environ.get("BOT_API", "http://127.0.0.1:8088")
TOKEN = os.environ.get("BOT_TOKEN", "123456:any-secret")

NAME, DAY = range(2)
DAYS = InlineKeyboardMarkup(
    [[InlineKeyboardButton(day, callback_data=day) for day in ("Saturday", "Sunday")]]
)


async def start(update: Update, _: ContextTypes.DEFAULT_TYPE) -> int:
    """Ask for the name."""
    assert update.message
    await update.message.reply_html("<b>Clean up the river with us.</b>\n\nWhat’s your name?")
    return NAME


async def name(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    """Keep the name, and ask for the day."""
    assert update.message and context.user_data is not None
    context.user_data["name"] = update.message.text
    await update.message.reply_text("Which day?", reply_markup=DAYS)
    return DAY


async def day(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    """Confirm, in the place of the question."""
    query = update.callback_query
    assert query and context.user_data is not None
    await query.answer("Noted")
    await query.edit_message_text(f"See you on {query.data}, {context.user_data['name']}!")
    return ConversationHandler.END


def main() -> None:
    """Run the bot until Ctrl-C."""
    builder = Application.builder().token(TOKEN)
    # These two lines are all that the playground needs.
    builder = builder.base_url(f"{API}/bot").base_file_url(f"{API}/file/bot")
    application = builder.build()
    application.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("start", start)],
            states={
                NAME: [MessageHandler(filters.TEXT & ~filters.COMMAND, name)],
                DAY: [CallbackQueryHandler(day)],
            },
            fallbacks=[CommandHandler("start", start)],
        )
    )
    application.run_polling()


if __name__ == "__main__":
    main()
