// A page's text as elements: paragraphs, sentences that can be pressed, words that can be marked.

import { Timeline } from "./timeline.js";

const SHORT = 420; // characters; a picture book's page, set larger

// Fill `target` and answer the page's Timeline. All text goes in as text nodes.
export function setText(target, page) {
  const characters = Array.from(page.text); // places are counted in code points
  const between = (start, end) => characters.slice(start, end).join("");
  const sentences = [];
  const words = [];
  const paragraphs = page.paragraphs.map((paragraph) => {
    const element = document.createElement("p");
    let at = paragraph.start;
    for (const sentence of paragraph.sentences) {
      element.append(between(at, sentence.start));
      element.append(setSentence(sentence, between, sentences, words));
      at = sentence.end;
    }
    element.append(between(at, paragraph.end));
    return element;
  });
  target.replaceChildren(...paragraphs);
  target.dataset.length = characters.length <= SHORT ? "short" : "long";
  return new Timeline(sentences, words);
}

function setSentence(sentence, between, sentences, words) {
  const element = document.createElement("span");
  element.className = "sentence";
  let at = sentence.start;
  for (const word of sentence.words) {
    element.append(between(at, word.start));
    const part = document.createElement("span");
    part.className = "word";
    part.textContent = between(word.start, word.end);
    element.append(part);
    words.push({ begin: word.begin_ms, end: word.end_ms, element: part });
    at = word.end;
  }
  element.append(between(at, sentence.end));
  if (sentence.begin_ms !== undefined) {
    element.dataset.index = String(sentences.length);
    sentences.push({ begin: sentence.begin_ms, end: sentence.end_ms, element });
  }
  return element;
}
