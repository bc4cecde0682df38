/** Often enough to see one's goods become ready, seldom enough for thousands of pages that are left open. */
const ASK_MS = 8_000;

/** A page that shows one thing asks whether it has another version, and shows that. */
export class Fresh {
  constructor(element) {
    this.element = element;
    this.timer = setInterval(() => this.#ask(), ASK_MS);
    document.addEventListener("visibilitychange", () => document.hidden || this.#ask());
  }

  async #ask() {
    if (document.hidden || document.querySelector("details[open]")) return;
    const { url, version } = this.element.dataset;
    const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    if (String((await answer.json()).version) !== version) location.reload();
  }
}
