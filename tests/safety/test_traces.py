"""The search finds a value in every form, so that finding nothing means something."""

import gzip
import zlib
from base64 import b64encode
from pathlib import Path
from quopri import encodestring

import pytest

from tests.safety.traces import traces

VALUE = "Wílhelmina Quistgaard"
JSON = f'{{"name": "{VALUE}", "more": 1}}'.encode()


@pytest.mark.parametrize(
    "written",
    [
        VALUE.encode(),
        VALUE.encode("utf-16"),
        VALUE.encode("utf-16-be"),
        JSON.hex().encode(),
        JSON.hex().upper().encode(),
        encodestring(VALUE.encode()),
        *(b64encode(b"x" * before + JSON) for before in range(3)),
        b"prefix" + zlib.compress(JSON),
        b"prefix" + gzip.compress(JSON, mtime=0) + b"more",
        VALUE.encode("unicode_escape"),
    ],
)
def test_a_value_is_found(tmp_path: Path, written: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"\x00something before" + written + b"something after")
    assert traces([VALUE, "nothing"], [file])
    assert traces(["nothing"], [file]) == []
