import { refuse } from "../lib/page.js";
import { fetched } from "../lib/patience.js";

/** What lies over the line while one thing is done. The server draws it; this brings it in without leaving the page. */
export class DeskSheet {
  #before = null;
  #asked = 0;
  #chosen = null;

  constructor(root) {
    this.root = root;
    this.sheet = root.querySelector("[data-sheet]");
    root.addEventListener("click", (event) => this.#click(event));
    this.sheet.addEventListener("deed", ({ detail }) => (detail.sheet ? this.#choose(detail.sheet) : this.#close()));
    this.sheet.addEventListener("stale", () => this.#again());
    if (this.sheet.dataset.kind) this.#focus();
  }

  #click(event) {
    const link = event.target.closest("a[data-opens], a[data-closes]");
    if (!link || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    if (link.matches("[data-closes]")) return this.#close();
    if (!this.sheet.contains(link)) this.#before = document.activeElement;
    this.#choose(link.href);
  }

  async #choose(url) {
    this.#chosen = url;
    await this.#open(url);
    if (this.#chosen === url) this.#chosen = null;
  }

  async #open(url) {
    const asked = (this.#asked += 1);
    const drawn = await this.#fetch(url);
    if (!drawn || asked !== this.#asked) return; // Another one was asked for meanwhile, or this one closed.
    Object.assign(this.sheet.dataset, { url }, drawn.dataset);
    this.sheet.replaceChildren(...drawn.children);
    this.root.classList.add("desk--sheet");
    this.#focus();
  }

  /** The ticket is no longer what the sheet says: draw it as it is, unless another sheet is on its way. */
  #again() {
    if (this.sheet.dataset.kind !== "ticket" || this.#chosen) return;
    const part = this.sheet.querySelector("details[open]")?.dataset.part || "";
    this.#open(`?${new URLSearchParams({ counter: this.root.dataset.counter, ticket: this.sheet.dataset.ticket, part })}`);
  }

  #close() {
    this.#asked += 1;
    this.#chosen = null;
    this.sheet.replaceChildren();
    for (const name of ["kind", "ticket"]) delete this.sheet.dataset[name];
    this.root.classList.remove("desk--sheet");
    if (this.#before && this.#before.isConnected) this.#before.focus({ preventScroll: true });
  }

  #focus() {
    this.sheet.querySelector("#sheet-title").focus({ preventScroll: true });
    this.sheet.scrollTop = 0;
  }

  /** A page that is no counter's (the session has ended, or is locked) is gone to. */
  async #fetch(url) {
    const answer = await fetched(url, { headers: { Accept: "text/html" } }, read).catch(() => null);
    if (!answer) return refuse(this.root, this.root.dataset.textLost);
    if (!answer.drawn || !answer.drawn.dataset.kind) location.assign(answer.url);
    return answer.drawn;
  }
}

async function read(response) {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return { url: response.url, drawn: page.querySelector("[data-sheet]") };
}
