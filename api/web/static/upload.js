// A file on its way to the server, with how much of it has gone.

import { Problem, problemOf } from "./app.js";

// Answers what the API says of the book; throws a Problem as `ask` does. `box` shows the progress.
export function sendFile(url, form, headers, box) {
  const bar = box.querySelector("progress");
  const text = box.querySelector("p");
  box.hidden = false;
  bar.value = 0;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("X-CSRF-Token", document.querySelector("meta[name=csrf]").content);
    request.setRequestHeader("Prefer", "respond-async");
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.value = total ? (100 * loaded) / total : 0;
      text.textContent = loaded < total ? `Sending the file… ${Math.floor((100 * loaded) / total)} %` : "Looking into the file…";
    });
    const lost = () => reject(new Problem(0, "The connection was lost while the file was sent."));
    request.addEventListener("error", lost);
    request.addEventListener("timeout", lost);
    request.addEventListener("abort", lost);
    request.addEventListener("load", async () => {
      const answer = new Response(request.responseText, { status: request.status });
      if (answer.ok) resolve(await answer.json());
      else reject(await problemOf(answer));
    });
    request.send(form);
  });
}
