"""What stands in Temporal's history when it is encrypted."""

import pytest
from temporalio.api.common.v1 import Payload

from bookwright.codec import ENCODING, EncryptionCodec
from bookwright.contracts.errors import Misconfigured
from bookwright.contracts.ids import BookId
from bookwright.contracts.orders import BookOrder, InlineText
from bookwright.settings import Settings
from bookwright.temporal import data_converter

TEXT = "Far up the valley the river began."
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=TEXT.encode())


def order(text: str = TEXT) -> BookOrder:
    return BookOrder(book_id=BookId("luna"), source=InlineText(text=text), title="The River")


def settings(key: str | None) -> Settings:
    return Settings.model_validate({"BOOKWRIGHT_CODEC_KEY": key})


async def test_what_was_encrypted_is_read_again() -> None:
    codec = EncryptionCodec("a passphrase")
    other = Payload(metadata={"encoding": b"binary/null"})
    sealed = await codec.encode([PLAIN, other])
    assert [payload.metadata["encoding"] for payload in sealed] == [ENCODING, ENCODING]
    assert await EncryptionCodec("a passphrase").decode(sealed) == [PLAIN, other]


async def test_the_same_payload_never_looks_the_same() -> None:
    first, second = await EncryptionCodec("a passphrase").encode([PLAIN, PLAIN])
    assert first.data != second.data


async def test_another_key_is_refused_by_the_name_of_its_variable() -> None:
    sealed = await EncryptionCodec("a passphrase").encode([PLAIN])
    with pytest.raises(Misconfigured, match="BOOKWRIGHT_CODEC_KEY") as refusal:
        await EncryptionCodec("another").decode(sealed)
    assert "another" not in str(refusal.value).replace("not the key", "")


@pytest.mark.parametrize("place", [0, 12, -1])
async def test_a_changed_byte_is_noticed(place: int) -> None:
    [sealed] = await EncryptionCodec("a passphrase").encode([PLAIN])
    data = bytearray(sealed.data)
    data[place] ^= 1
    with pytest.raises(Misconfigured):
        await EncryptionCodec("a passphrase").decode([Payload(metadata=sealed.metadata, data=bytes(data))])


async def test_history_from_before_encryption_is_still_read() -> None:
    codec = EncryptionCodec("a passphrase")
    mixed = [PLAIN, *await codec.encode([PLAIN])]
    assert await codec.decode(mixed) == [PLAIN, PLAIN]


async def test_an_order_goes_through_the_converter_and_shows_none_of_its_text() -> None:
    converter = data_converter(settings("a passphrase"))
    [payload] = await converter.encode([order()])
    seen = payload.SerializeToString()
    for word in (b"river", b"River", b"luna", b"valley", b"a passphrase", b"json"):
        assert word not in seen
    assert await converter.decode([payload], [BookOrder]) == [order()]


async def test_without_a_key_an_order_is_plain_json_and_read_with_one_too() -> None:
    [payload] = await data_converter(settings(None)).encode([order()])
    assert payload.metadata["encoding"] == b"json/plain" and TEXT.encode() in payload.data
    assert await data_converter(settings("a passphrase")).decode([payload], [BookOrder]) == [order()]
