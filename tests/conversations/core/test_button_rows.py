"""Two buttons share a row where half a row holds both labels."""

import pytest

from conversations.core.button_rows import paired
from conversations.core.replies import LinkButton


@pytest.mark.parametrize(
    ("labels", "rows"),
    [
        ([], []),
        (["Yes"], [["Yes"]]),
        (["🇵🇹 Portugal", "🇧🇷 Brasil"], [["🇵🇹 Portugal", "🇧🇷 Brasil"]]),
        (["My name", "My country", "Back"], [["My name", "My country"], ["Back"]]),
        (
            ["🇨🇭 Schweiz", "🇬🇧 Vereinigtes Königreich", "🇹🇼 Taiwan", "🇨🇦 Kanada"],
            [["🇨🇭 Schweiz"], ["🇬🇧 Vereinigtes Königreich"], ["🇹🇼 Taiwan", "🇨🇦 Kanada"]],
        ),
        (["使用另一個電郵地址寄出", "取消"], [["使用另一個電郵地址寄出"], ["取消"]]),
        (["我的電郵地址", "我的國家"], [["我的電郵地址", "我的國家"]]),
    ],
)
def test_labels_in_rows(labels: list[str], rows: list[list[str]]) -> None:
    keyboard = paired([LinkButton(label, "https://river.example") for label in labels])
    assert [[button.label for button in row] for row in keyboard] == rows
