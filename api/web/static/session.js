// The lock screen, headphones and media keys.

export function startSession(actions) {
  const session = navigator.mediaSession;
  if (!session) return () => {};
  const handlers = {
    play: actions.play,
    pause: actions.pause,
    previoustrack: actions.previousPage,
    nexttrack: actions.nextPage,
    seekbackward: actions.previousSentence,
    seekforward: actions.nextSentence,
    seekto: (detail) => actions.seek(detail.seekTime * 1000),
  };
  for (const [name, handler] of Object.entries(handlers)) {
    try {
      session.setActionHandler(name, handler);
    } catch {
      // A browser that does not know this one.
    }
  }
  return ({ title, book, chapter }) => {
    session.metadata = new MediaMetadata({
      title,
      artist: book.author ?? "",
      album: chapter ? `${book.title} · ${chapter}` : book.title,
      artwork: [{ src: book.cover_url, sizes: "1400x1400", type: "image/jpeg" }],
    });
  };
}
