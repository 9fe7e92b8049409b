"""A key that signs, and dkimpy, which nobody here wrote, to say whether a signature holds."""

from base64 import b64encode

import dkim
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bot.mail.authentication.dkim import DkimSigner

SELECTOR, DOMAIN = "river", "send.example"
SIGNER = DkimSigner(generate_private_key(65537, 2048), SELECTOR)
_PUBLIC = SIGNER.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
_DNS = {
    f"{SELECTOR}._domainkey.{DOMAIN}.".encode(): b"v=DKIM1; k=rsa; p=" + b64encode(_PUBLIC),
}


def holds(message: bytes) -> bool:
    """Whether the one signature of `message` is right, and its domain's."""
    return bool(dkim.verify(message, dnsfunc=lambda name, timeout: _DNS.get(name)))
