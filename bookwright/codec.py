"""Encryption of Temporal payloads (AES-256-GCM), so that no text of a book can be read in a history."""

import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from bookwright.contracts.errors import Misconfigured

ENCODING = b"binary/encrypted"
NONCE_BYTES = 12


class EncryptionCodec(PayloadCodec):
    """Encrypts with a key derived from a passphrase of any length; the nonce stands before the ciphertext."""

    def __init__(self, passphrase: str) -> None:
        key = hashlib.sha256(passphrase.encode()).digest()
        self._cipher = AESGCM(key)
        self._key_id = hashlib.sha256(key).hexdigest()[:8].encode()

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encrypt(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._decrypt(payload) for payload in payloads]

    def _encrypt(self, payload: Payload) -> Payload:
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, payload.SerializeToString(), None)
        return Payload(metadata={"encoding": ENCODING, "key": self._key_id}, data=sealed)

    def _decrypt(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload  # written before encryption was switched on
        try:
            plain = self._cipher.decrypt(payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:], None)
        except InvalidTag:
            raise Misconfigured("BOOKWRIGHT_CODEC_KEY is not the key that this history was written with") from None
        return Payload.FromString(plain)
