import pytest

from conversations.text.typed.codes import CodeProblem, read_code


@pytest.mark.parametrize(
    "typed",
    [
        "48210937",
        "4821 0937",
        "4821-0937",
        "4821–0937",
        "4821_0937",
        "4821.0937",
        "4821\u00a00937",
        "4821\u200b0937",
        "\u200e4821\u202f0937",
        "4821\n0937",
        " 4 8 2 1 0 9 3 7 ",
        "48 21 09 37",
        "٤٨٢١ ٠٩٣٧",
        "４８２１０９３７",
        "४८२१ ०९३७",
        "4️⃣8️⃣2️⃣1️⃣0️⃣9️⃣3️⃣7️⃣",
        "“4821 0937”",
        "**4821 0937**.",
        "4821 0937 is your code for the letter",
        "My code: 4821 0937, it came at 14:02",
    ],
)
def test_codes_are_read_in_many_spellings(typed: str) -> None:
    assert read_code(typed) == "48210937"


def test_a_telegram_login_code_is_refused() -> None:
    assert read_code("48210") == CodeProblem.TELEGRAM
    assert read_code("4 8 2 1 0") == CodeProblem.TELEGRAM
    assert read_code("４８２１０") == CodeProblem.TELEGRAM
    assert read_code("maria@mail.example") == CodeProblem.NOT_A_CODE
