// A form as it was left: kept in this browser until it is sent, with the key by which it is sent once.

export class Draft {
  #name;
  #kept;

  constructor(name) {
    this.#name = name;
    try {
      const kept = JSON.parse(localStorage.getItem(name));
      this.#kept = kept && typeof kept === "object" ? kept : {};
    } catch {
      this.#kept = {}; // no storage, or somebody else's
    }
  }

  // The voice that was chosen: it can be put back when the voices are there.
  get voice() {
    return this.#kept.fields?.voice ?? "";
  }

  // Put the fields back. Answers whether there were any.
  read(form) {
    const fields = this.#kept.fields;
    if (!fields) return false;
    for (const input of form.elements) {
      if (!input.name || input.type === "file" || !(input.name in fields)) continue;
      const was = fields[input.name];
      if (input.type === "checkbox") input.checked = was.includes(input.value) && !input.disabled;
      else if (input.type === "radio") input.checked = input.value === was && !input.disabled;
      else input.value = was;
      if (input.type === "range") input.nextElementSibling.value = input.value;
    }
    return true;
  }

  write(form) {
    const fields = {};
    for (const input of form.elements) {
      if (!input.name || input.type === "file") continue;
      if (input.type === "checkbox") (fields[input.name] ??= []).push(...(input.checked ? [input.value] : []));
      else if (input.type !== "radio" || input.checked) fields[input.name] = input.value;
    }
    this.#keep({ ...this.#kept, fields });
  }

  // The Idempotency-Key: the same for the same order, however often it is sent; another one for another order.
  async key({ url, json, form }) {
    const told = json ? JSON.stringify(json) : JSON.stringify([...form].map(([name, one]) => [name, described(one)]));
    const order = `${url} ${told}`;
    if (this.#kept.order !== order) this.#keep({ ...this.#kept, order, key: crypto.randomUUID() });
    return this.#kept.key;
  }

  forget() {
    this.#kept = {};
    try {
      localStorage.removeItem(this.#name);
    } catch {
      // Nothing was kept.
    }
  }

  #keep(kept) {
    this.#kept = kept;
    try {
      localStorage.setItem(this.#name, JSON.stringify(kept));
    } catch {
      // It holds until the page is left.
    }
  }
}

const described = (one) => (one instanceof File ? `${one.name} ${one.size} ${one.lastModified}` : one);
