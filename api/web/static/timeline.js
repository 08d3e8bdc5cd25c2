// Where the words and sentences of a page are heard.

export class Timeline {
  // `sentences` and `words` are in order of time: { begin, end (milliseconds), element }.
  constructor(sentences = [], words = []) {
    this.sentences = sentences;
    this.words = words;
  }

  // The sentence that is heard, or was heard last: it stays marked through the pause after it.
  sentenceAt(ms) {
    return lastBegun(this.sentences, ms);
  }

  // The index of the word that is heard, or -1.
  wordAt(ms) {
    const index = lastBegun(this.words, ms);
    return index >= 0 && ms < this.words[index].end ? index : -1;
  }
}

// The index of the last span that begins at or before `ms`, or -1. Binary search.
function lastBegun(spans, ms) {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle].begin <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
