"""Validate the bot's token and the webhook's secret."""

from bot.settings.setting_origins import setting_error

_MIN_TOKEN_SECRET = 20
_MAX_WEBHOOK_SECRET = 256


def parse_token(text: str) -> str:
    """Return the bot token in `text`. Raises ValueError, whose text does not contain the token."""
    token = text.strip()
    number, _, secret = token.partition(":")
    if any(each.isspace() for each in token):
        raise setting_error(
            "There are spaces in this bot token.", "Copy it from @BotFather, without spaces."
        )
    is_number = number.isascii() and number.isdecimal()
    if not is_number or len(secret) < _MIN_TOKEN_SECRET or not _is_url_safe(secret):
        raise setting_error(
            "This isn't a valid bot token.",
            "Copy it from @BotFather: digits, a colon, 35 letters and digits.",
        )
    return token


def check_webhook_secret(secret: str) -> None:
    """Raise ValueError unless Telegram accepts `secret` (Bot API, setWebhook, `secret_token`)."""
    if not 1 <= len(secret) <= _MAX_WEBHOOK_SECRET or not _is_url_safe(secret):
        raise setting_error(
            "Telegram doesn't accept this secret.",
            "Use 1 to 256 of the letters A-Z, a-z, digits, _ and -.",
        )


def _is_url_safe(text: str) -> bool:
    return text.isascii() and text.replace("-", "").replace("_", "").isalnum()
