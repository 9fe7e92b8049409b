"""Forms with files, as browsers write them."""

import secrets
from io import BytesIO

import pytest

from bot.telegram.client.forms import File, Form, encode


def test_a_form_has_its_fields_and_then_its_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "token_hex", lambda _: "4200")
    fields = {"chat_id": 4200, "caption": "河 🌊", "media": [{"type": "photo"}]}
    files: dict[str, File] = {
        "a": ("河.jpg", b"\xff\xd8", "image/jpeg"),
        "b": ("b.txt", BytesIO(b"2"), "text/plain"),
    }
    head = "--4200\r\nContent-Disposition: form-data; name="
    assert encode(fields, files) == Form(
        "multipart/form-data; boundary=4200",
        f'{head}"chat_id"\r\n\r\n4200\r\n'
        f'{head}"caption"\r\n\r\n河 🌊\r\n'
        f'{head}"media"\r\n\r\n[{{"type":"photo"}}]\r\n'
        f'{head}"a"; filename="河.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'.encode()
        + b"\xff\xd8\r\n"
        + f'{head}"b"; filename="b.txt"\r\nContent-Type: text/plain\r\n\r\n2\r\n'.encode()
        + b"--4200--\r\n",
    )


def test_a_name_cannot_add_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "token_hex", lambda _: "4200")
    form = encode({}, {"a": ('a"b\r\nc.txt', b"", "text/plain")})
    assert form.body.split(b"\r\n")[1] == (
        b'Content-Disposition: form-data; name="a"; filename="a%22b%0D%0Ac.txt"'
    )


def test_each_form_has_a_boundary_of_its_own() -> None:
    assert encode({}, {}).media_type != encode({}, {}).media_type
