"""Packs the files of a campaign into one value for the database: equal files, equal value."""

import base64
import hashlib
import json

from conversations.folder.campaign_files import CampaignFiles


def pack(files: CampaignFiles) -> bytes:
    """Return the files as JSON. Files that couldn't be read are left out."""
    encoded = {path: base64.b64encode(each).decode() for path, each in files.content.items()}
    return json.dumps(encoded, sort_keys=True).encode()


def unpack(name: str, packed: bytes) -> CampaignFiles:
    """Return the files of the campaign `name`. `packed` comes from `pack`."""
    stored = json.loads(packed)
    return CampaignFiles(name, {path: base64.b64decode(each) for path, each in stored.items()})


def content_hash(packed: bytes) -> str:
    """Return the SHA-256 of packed files, in hexadecimal digits."""
    return hashlib.sha256(packed).hexdigest()
