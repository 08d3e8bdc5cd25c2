// Looking for words in a text, in any script: whole characters as people see them, whatever their case and accents.

const characters = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const ACCENTS = /(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{Mn}+/gu;
const SILENT = /[\u200b-\u200d\u00ad\u2060\ufeff]/g; // joiners and soft hyphens: they change how a word looks, not which it is
const QUOTES = /[‘’‚‹›ʼ]/g;

// One character as it is compared. Signs that belong to a letter of an Indic script stay with it.
function fold(character) {
  const plain = character.normalize("NFKD").replace(ACCENTS, "").replace(SILENT, "").replace(QUOTES, "'");
  return plain.toUpperCase().toLowerCase().normalize("NFC");
}

// A text to be searched often: its folded form, and where each of its characters begins in either.
export function prepared(text) {
  let key = "";
  const begins = []; // in the key
  const places = []; // in the text, UTF-16
  let blank = true;
  for (const { segment, index } of characters.segment(text)) {
    const isBlank = /^\s+$/u.test(segment);
    if (isBlank && blank) continue; // a run of blanks, line ends too, is one
    const folded = isBlank ? " " : fold(segment);
    blank = isBlank;
    if (!folded) continue;
    begins.push(key.length);
    places.push({ start: index, end: index + segment.length });
    key += folded;
  }
  return { text, key, begins, places };
}

// Where `query` stands in a prepared text: [{ start, end }] in UTF-16, never inside a character. The last character of
// the query may be one that is still being written: क finds कि.
export function matches({ key, begins, places }, query) {
  const wanted = prepared(query).key.trimEnd();
  const found = [];
  if (!wanted) return found;
  for (let at = key.indexOf(wanted); at >= 0; at = key.indexOf(wanted, at + 1)) {
    const first = characterAt(begins, at);
    if (begins[first] !== at) continue;
    const last = characterAt(begins, at + wanted.length - 1);
    if (found.length && places[first].start < found.at(-1).end) continue;
    found.push({ start: places[first].start, end: places[last].end });
  }
  return found;
}

// The index of the character that a place in the key belongs to. Binary search.
function characterAt(begins, at) {
  let low = 0;
  let high = begins.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (begins[middle] <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
