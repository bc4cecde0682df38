import { fetched } from "../lib/patience.js";

/** Often enough to see one's goods become ready, seldom enough for thousands of pages that are left open. */
const ASK_MS = 8_000;

/** A page that shows one thing asks whether it has another version, and shows that. While it is hidden it rests. */
export class Fresh {
  constructor(element) {
    this.element = element;
    document.addEventListener("visibilitychange", () => {
      this.#wait();
      if (!document.hidden) this.#ask();
    });
    this.#wait();
  }

  #wait() {
    clearInterval(this.timer);
    if (!document.hidden) this.timer = setInterval(() => this.#ask(), ASK_MS);
  }

  async #ask() {
    if (document.querySelector("details[open]")) return;
    const { url, version } = this.element.dataset;
    const headers = { Accept: "application/json", "If-None-Match": `"${version}"` };
    const now = await fetched(url, { headers }, versionOf).catch(() => null);
    if (now && now !== version) location.reload();
  }
}

/** Null when it is the version that was asked about, or nobody could tell. */
async function versionOf(answer) {
  return answer.ok ? String((await answer.json()).version) : null;
}
