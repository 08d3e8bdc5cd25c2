"""What the reader asks for: the book, its pages, their sound, the cover and the files."""

import io
import re
from itertools import pairwise
from urllib.parse import unquote

import av
import httpx
import numpy as np
import pytest
from PIL import Image

from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.orders import BookOrder, InlineText
from tests.support.library import Shelved
from tests.support.stories import CLOUD, HOSTILE, KITE, LAMP, Story


async def book_of(client: httpx.AsyncClient, book_id: str) -> dict[str, object]:
    answer = await client.get(f"/api/books/{book_id}/reader")
    assert answer.status_code == 200
    found: dict[str, object] = answer.json()
    return found


async def test_a_finished_book_lists_its_chapters_pages_and_files(client: httpx.AsyncClient, shelved: Shelved) -> None:
    book = await book_of(client, shelved.kite.book_id)
    assert (book["title"], book["author"]) == (KITE.title, KITE.author)
    assert (book["language"], book["direction"]) == ("en", "ltr")
    assert (book["state"], book["closed"]) == ("done", True)
    assert [(c["title"], c["first_page"], c["last_page"]) for c in book["chapters"]] == [  # type: ignore[attr-defined]
        ("A Tear in the Sky", 1, 3),
        ("What the Cross Meant", 4, 5),
        ("Home by the Long Way", 6, 7),
    ]
    pages: list[dict[str, object]] = book["pages"]  # type: ignore[assignment]
    assert [page["number"] for page in pages] == list(range(1, 8))
    assert all(page["state"] == "completed" and page["audio_url"] and page["duration_ms"] for page in pages)
    files: list[dict[str, object]] = book["files"]  # type: ignore[assignment]
    assert [(file["edition"], file.get("chapter")) for file in files] == [("m4b", None), ("mp3", 1)]


async def test_an_unfinished_book_says_what_is_missing_and_why(client: httpx.AsyncClient, shelved: Shelved) -> None:
    book = await book_of(client, shelved.half.book_id)
    pages: list[dict[str, object]] = book["pages"]  # type: ignore[assignment]
    assert (book["state"], book["closed"]) == ("running", False)
    states = ["completed"] * 3 + ["failed", "processing", "pending", "pending"]
    assert [page["state"] for page in pages] == states
    assert pages[3]["error"] == "the voice refused this text"
    assert all("audio_url" not in page for page in pages[3:])


async def test_a_book_is_found_by_its_number_too(client: httpx.AsyncClient, shelved: Shelved) -> None:
    book = await book_of(client, shelved.lamp.book_id)
    assert book["direction"] == "rtl"
    assert await book_of(client, str(book["number"])) == book


async def test_an_unchanged_book_is_not_sent_again(client: httpx.AsyncClient, shelved: Shelved) -> None:
    path = f"/api/books/{shelved.kite.book_id}/reader"
    first = await client.get(path)
    again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200


@pytest.mark.parametrize(("name", "story"), [("kite", KITE), ("cloud", CLOUD), ("lamp", LAMP), ("hostile", HOSTILE)])
async def test_words_and_sentences_fit_their_text_and_their_sound(
    client: httpx.AsyncClient, shelved: Shelved, name: str, story: Story
) -> None:
    book_id = getattr(shelved, name).book_id
    page = (await client.get(f"/api/books/{book_id}/pages/1")).json()
    text = page["text"]
    assert text == story.pages[0]
    sentences = [sentence for paragraph in page["paragraphs"] for sentence in paragraph["sentences"]]
    assert len(page["paragraphs"]) == text.count("\n\n") + 1
    words = [word for sentence in sentences for word in sentence["words"]]
    assert len(words) >= len(text.split()) * 0.8
    for places in (sentences, words):
        assert all(0 <= one["start"] < one["end"] <= len(text) for one in places)
        assert all(one["end"] <= other["start"] for one, other in pairwise(places))
        assert all(one["begin_ms"] <= other["begin_ms"] for one, other in pairwise(places))
        assert all(0 <= one["begin_ms"] <= one["end_ms"] <= page["duration_ms"] for one in places)


async def test_a_page_that_is_not_spoken_has_its_text_and_no_times(client: httpx.AsyncClient, shelved: Shelved) -> None:
    page = (await client.get(f"/api/books/{shelved.half.book_id}/pages/5")).json()
    assert page["text"] == KITE.pages[4]
    assert "audio_url" not in page
    [sentence] = page["paragraphs"][0]["sentences"]
    assert sentence == {"start": 0, "end": len(page["text"]), "words": []}
    assert (await client.get(f"/api/books/{shelved.half.book_id}/pages/5/audio")).status_code == 404


async def audio_of(client: httpx.AsyncClient, book_id: str, page: int) -> tuple[str, bytes]:
    about = (await client.get(f"/api/books/{book_id}/pages/{page}")).json()
    answer = await client.get(about["audio_url"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    return about["audio_url"], answer.content


async def test_a_pages_sound_is_as_long_as_it_says_and_is_heard_where_its_words_are(
    client: httpx.AsyncClient, shelved: Shelved
) -> None:
    _, data = await audio_of(client, shelved.kite.book_id, 1)
    page = (await client.get(f"/api/books/{shelved.kite.book_id}/pages/1")).json()
    with av.open(io.BytesIO(data), "r") as container:
        rate = container.streams.audio[0].rate
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)]) / 32768
    assert abs(len(sound) * 1000 / rate - page["duration_ms"]) <= 1
    sentences = [sentence for paragraph in page["paragraphs"] for sentence in paragraph["sentences"]]

    def loudness(begin_ms: int, end_ms: int) -> float:
        return float(np.sqrt(np.mean(sound[begin_ms * rate // 1000 : end_ms * rate // 1000] ** 2)))

    for sentence, following in pairwise(sentences):
        spoken = loudness(sentence["begin_ms"], sentence["end_ms"])
        assert spoken > 0.02
        assert loudness(sentence["end_ms"], following["begin_ms"]) < spoken / 100


async def test_sound_comes_in_ranges(client: httpx.AsyncClient, shelved: Shelved) -> None:
    url, data = await audio_of(client, shelved.kite.book_id, 2)
    head = await client.head(url)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(data)), b"")
    assert head.headers["accept-ranges"] == "bytes"
    for wanted, first, last in (
        ("0-99", 0, 99),
        ("1000-", 1000, len(data) - 1),
        ("-50", len(data) - 50, len(data) - 1),
    ):
        part = await client.get(url, headers={"Range": f"bytes={wanted}"})
        assert (part.status_code, part.content) == (206, data[first : last + 1])
        assert part.headers["content-range"] == f"bytes {first}-{last}/{len(data)}"
    beyond = await client.get(url, headers={"Range": f"bytes={len(data)}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(data)}")
    etag = head.headers["etag"]
    same = await client.get(url, headers={"Range": "bytes=0-9", "If-Range": etag})
    other = await client.get(url, headers={"Range": "bytes=0-9", "If-Range": '"before"'})
    assert (len(same.content), len(other.content)) == (10, len(data))
    assert (await client.get(url, headers={"If-None-Match": etag})).status_code == 304


async def test_a_range_that_is_none_is_ignored(client: httpx.AsyncClient, shelved: Shelved) -> None:
    url = f"/api/books/{shelved.kite.book_id}/pages/1/audio"
    whole = await client.get(url)
    for wanted in ("bytes", "lines=1-2", "bytes=a-b", "bytes=9-3", "bytes=,"):
        answer = await client.get(url, headers={"Range": wanted})
        assert (answer.status_code, len(answer.content)) == (200, len(whole.content)), wanted


async def test_a_sound_of_another_version_is_not_kept_for_ever(client: httpx.AsyncClient, shelved: Shelved) -> None:
    url, _ = await audio_of(client, shelved.kite.book_id, 2)
    path, _, _ = url.partition("?")
    for old in (path, f"{path}?v=0000000000000000"):
        assert (await client.get(old)).headers["cache-control"] == "private, no-cache"


async def test_the_cover_is_a_picture(client: httpx.AsyncClient, shelved: Shelved) -> None:
    answer = await client.get(f"/api/books/{shelved.lamp.book_id}/cover")
    assert answer.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(answer.content)) as image:
        assert image.size == (1400, 1400)
    again = await client.get(
        f"/api/books/{shelved.lamp.book_id}/cover", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304


async def test_files_are_downloads_under_their_names(client: httpx.AsyncClient, shelved: Shelved) -> None:
    book = await book_of(client, shelved.kite.book_id)
    for file in book["files"]:  # type: ignore[attr-defined]
        answer = await client.get(file["url"])
        assert (answer.status_code, len(answer.content)) == (200, file["bytes"])
        disposition = answer.headers["content-disposition"]
        assert disposition.startswith("attachment;") and file["name"] in unquote(disposition)
        assert answer.headers["x-content-type-options"] == "nosniff"
        part = await client.get(file["url"], headers={"Range": "bytes=4-7"})
        assert (part.status_code, part.content) == (206, answer.content[4:8])
    for nothing in ("pdf", "m4b/1", "mp3", "mp3/2", "mp3/x", "../../etc/passwd"):
        missing = await client.get(f"/api/books/{shelved.kite.book_id}/editions/{nothing}")
        assert missing.status_code == 404


NO_BOOKS = (
    "nobody",
    "0",
    "999999",
    "99999999999999999999999",
    "a" * 300,
    "%00",
    "..%2f..",
    "%F0%9F%AA%81",
    "1e3",
    "-1",
)


@pytest.mark.parametrize("name", NO_BOOKS)
async def test_no_book_is_not_found_however_it_is_asked_for(client: httpx.AsyncClient, name: str) -> None:
    for path in ("/reader", "/cover", "/pages/1", "/pages/1/audio", "/editions/m4b"):
        answer = await client.get(f"/api/books/{name}{path}")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == 404
    page = await client.get(f"/read/{name}")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize("page", ["0", "8", "-1", "1.5", "x", "9" * 5000, "٣", "1%00", "%20"])
async def test_no_page_is_not_found(client: httpx.AsyncClient, shelved: Shelved, page: str) -> None:
    for path in ("", "/audio"):
        answer = await client.get(f"/api/books/{shelved.kite.book_id}/pages/{page}{path}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_another_owners_book_is_an_unknown_book(client: httpx.AsyncClient, shelved: Shelved) -> None:
    order = BookOrder(
        book_id=BookId("theirs"), owner_id=OwnerId("somebody"), source=InlineText(text="."), title="Theirs"
    )
    await shelved.home.jobs.accept(order, fingerprint="theirs")
    theirs = await client.get("/api/books/theirs/reader")
    unknown = await client.get("/api/books/unknown/reader")
    assert (theirs.status_code, theirs.content) == (404, unknown.content)


async def test_every_answer_carries_the_strict_policy(client: httpx.AsyncClient, shelved: Shelved) -> None:
    paths = ("/read/", "/api/books/")
    answers = [
        await client.get(path + shelved.kite.book_id + end) for path, end in zip(paths, ("", "/reader"), strict=True)
    ]
    answers += [await client.get("/nothing"), await client.get("/static/main.js"), await client.post("/read/1")]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_hostile_title_is_text_in_the_page(client: httpx.AsyncClient, shelved: Shelved) -> None:
    html = (await client.get(f"/read/{shelved.hostile.book_id}")).text
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html and "<img src=x" not in html


async def test_only_names_of_this_machine_are_answered(shelved: Shelved) -> None:
    async with shelved.home.client() as asking:
        for host, status in (("localhost:8000", 200), ("127.0.0.1", 200), ("[::1]:8000", 200), ("evil.example", 400)):
            answer = await asking.get(f"http://{host}/api/books/{shelved.kite.book_id}/reader")
            assert answer.status_code == status


async def test_fonts_come_from_here_and_nothing_else_does(client: httpx.AsyncClient) -> None:
    font = await client.get("/fonts/NotoSansTamil.ttf")
    assert (font.status_code, font.headers["content-type"]) == (200, "font/ttf")
    for name in ("__init__", "NotoSansTamil[wght]", "..%2f__init__"):
        assert (await client.get(f"/fonts/{name}.ttf")).status_code == 404


async def test_a_method_that_a_path_lacks_is_answered_with_those_that_it_has(client: httpx.AsyncClient) -> None:
    answer = await client.options("/api/keys")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    answer = await client.put("/api/books/1/pages/1")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, PATCH")


async def test_a_body_that_is_no_text_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/keys", content=b"\xff\xfe{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body")


async def test_the_document_describes_every_route(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/openapi.json")).json()
    operations = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert sorted(operations) == sorted(set(operations))
    assert {"readBook", "readPage", "hearPage", "getCover", "downloadEdition"} <= set(operations)


async def test_the_readers_buttons_wait_for_its_script(client: httpx.AsyncClient, shelved: Shelved) -> None:
    """A press before the script has come would be lost."""
    page = (await client.get(f"/read/{shelved.kite.book_id}")).text
    assert len(re.findall(r'<button id="(?:begin|look)"[^>]* disabled>', page)) == 2
