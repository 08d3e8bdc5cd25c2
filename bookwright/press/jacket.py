"""What an audio file says about itself: tags, marks and cover."""

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import av
from av.container import OutputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from bookwright.contracts.book import ChapterMark
from bookwright.contracts.ports.audio import AudioTags
from bookwright.press.languages import iso_639_2


class Jacket(NamedTuple):
    """A file's tags, marks and cover; by default it has none."""

    tags: AudioTags | None = None
    marks: Sequence[ChapterMark] = ()
    cover: bytes | None = None
    """JPEG or PNG."""

    @property
    def language(self) -> str:
        """ISO 639-2."""
        return iso_639_2(self.tags.language) if self.tags else "und"

    def metadata(self) -> dict[str, str]:
        """The tags as FFmpeg names them."""
        if self.tags is None:
            return {}
        entries = {"title": self.tags.title, "album": self.tags.album, "genre": "Audiobook"}
        if self.tags.author:
            entries |= {"artist": self.tags.author, "album_artist": self.tags.author}
        if self.tags.track is not None:
            track = str(self.tags.track)
            entries["track"] = f"{track}/{self.tags.tracks}" if self.tags.tracks else track
        return entries

    def put_on(self, container: OutputContainer) -> "av.Packet[VideoStream] | None":
        """Give the file tags and marks, and a stream for its cover. The packet answered is to be muxed before any
        sound."""
        container.metadata.update(self.metadata())
        if self.marks:
            container.set_chapters(
                [
                    {
                        "id": index,
                        "start": mark.start_ms,
                        "end": mark.end_ms,
                        "time_base": Fraction(1, 1000),
                        "metadata": {"title": mark.title},
                    }
                    for index, mark in enumerate(self.marks)
                ]
            )
        return _attached(container, self.cover) if self.cover else None


def _attached(container: OutputContainer, cover: bytes) -> "av.Packet[VideoStream]":
    with av.open(io.BytesIO(cover), "r", format="png_pipe" if cover[:4] == b"\x89PNG" else "jpeg_pipe") as image:
        packet = next(image.demux(image.streams.video[0]))
        stream: VideoStream = container.add_stream_from_template(image.streams.video[0])
        stream.disposition = Disposition.attached_pic
        stream.metadata["comment"] = "Cover (front)"
        packet.stream = stream
        packet.pts = packet.dts = 0
        return packet
