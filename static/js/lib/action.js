import { fetched } from "./patience.js";

const KEY_BYTES = 16;

/** What the service refused, in words for the reader; `status` 0 when no answer came. */
export class Refused extends Error {
  constructor(problem, status) {
    super(problem.detail || problem.title);
    this.problem = problem;
    this.status = status;
  }
}

/**
 * One thing that somebody means to do. Its idempotency key lives until an answer came, so that pressing again after a
 * lost network is the same act and never a second one.
 */
export class Intent {
  #keys = new Map();

  /** The answer's JSON, or null when there is none (204). Throws Refused. */
  send(method, url, body = {}) {
    const text = JSON.stringify(body);
    return this.#once(`${method} ${url} ${text}`, (key) => {
      const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
      return ask(url, { method, headers, body: method === "DELETE" ? undefined : text });
    });
  }

  /** A form of the page, sent as its button would send it: its key is a field of it. Throws Refused. */
  submit(form, button) {
    const fields = new URLSearchParams(new FormData(form));
    if (button && button.name) fields.set(button.name, button.value);
    fields.delete("key");
    return this.#once(`POST ${form.action} ${fields}`, (key) => {
      fields.set("key", key);
      return ask(form.action, { method: "POST", headers: { Accept: "application/json" }, body: fields });
    });
  }

  async #once(act, send) {
    if (!this.#keys.has(act)) this.#keys.set(act, newKey());
    const { status, ok, told } = await send(this.#keys.get(act));
    if (status < 500) this.#keys.delete(act);
    if (!ok) throw new Refused(told, status);
    return told;
  }
}

/** An answer counts once it is here whole: one that is cut, or a proxy's own page, is none. Throws Refused. */
async function ask(url, { headers, ...asked }) {
  try {
    return await fetched(url, { ...asked, headers: { ...headers, "Accept-Language": document.documentElement.lang } }, whole);
  } catch (error) {
    throw new Refused({ detail: "" }, 0);
  }
}

async function whole(response) {
  return { status: response.status, ok: response.ok, told: response.status === 204 ? null : await response.json() };
}

export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
