"""A bot written with aiogram, on the playground: people ask a library for a book.

actionbot playground
python aiogram_bot.py
"""

import asyncio
import os

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

API = os.environ.get("BOT_API", "http://127.0.0.1:8088")
TOKEN = os.environ.get("BOT_TOKEN", "123456:any-secret")

router = Router()
WEEKS = InlineKeyboardMarkup(
    inline_keyboard=[
        [InlineKeyboardButton(text=f"{weeks} weeks", callback_data=weeks) for weeks in ("2", "4")]
    ]
)


class Loan(StatesGroup):
    """What the bot waits for."""

    title = State()
    weeks = State()


@router.message(CommandStart())
async def start(message: Message, state: FSMContext) -> None:
    """Ask for the book."""
    await state.set_state(Loan.title)
    await message.answer("<b>The library.</b> Which book?", parse_mode="HTML")


@router.message(Loan.title, F.text)
async def title(message: Message, state: FSMContext) -> None:
    """Keep the title, and ask for how long."""
    await state.update_data(title=message.text)
    await state.set_state(Loan.weeks)
    await message.reply("For how long?", reply_markup=WEEKS)


@router.callback_query(Loan.weeks)
async def weeks(query: CallbackQuery, state: FSMContext) -> None:
    """Confirm, in the place of the question."""
    book = (await state.get_data())["title"]
    await state.clear()
    assert isinstance(query.message, Message)
    await query.message.edit_text(f"“{book}” is yours for {query.data} weeks.")
    await query.answer()


async def main() -> None:
    """Run the bot until Ctrl-C."""
    # This line is all that the playground needs.
    session = AiohttpSession(api=TelegramAPIServer.from_base(API))
    dispatcher = Dispatcher()
    dispatcher.include_router(router)
    await dispatcher.start_polling(Bot(TOKEN, session=session))


if __name__ == "__main__":
    asyncio.run(main())
