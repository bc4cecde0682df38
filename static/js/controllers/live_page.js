import { showLink } from "../lib/page.js";
import { fetched } from "../lib/patience.js";
import { Stream } from "../lib/stream.js";
import { clockIn } from "../lib/times.js";

/** A busy hall changes several times a second; nobody reads a page faster than this. */
const PACE_MS = 3_000;
/** Waits grow while nothing happens. */
const AGE_MS = 30_000;

/**
 * A page of facts that is drawn on the server: when its hall changes, the page is asked for anew, and the parts with
 * `data-live` are put in. Forms and what is typed in them stay, and so does what is unfolded.
 */
export class LivePage {
  #due = null;
  #asking = false;

  constructor(root) {
    const clock = clockIn(root.dataset.timeZone);
    new Stream(root.dataset.stream, {
      reduce: (state) => state,
      changed: () => this.#soon(),
      linked: (link) => showLink(link, clock),
    });
    setInterval(() => this.#ask(), AGE_MS);
    document.addEventListener("visibilitychange", () => this.#ask());
  }

  #soon() {
    this.#due = this.#due || setTimeout(() => this.#ask(), PACE_MS);
  }

  async #ask() {
    clearTimeout(this.#due);
    this.#due = null;
    if (document.hidden) return;
    if (this.#asking) return this.#soon(); // What is on its way may have been drawn before.
    this.#asking = true;
    try {
      await fetched(location.href, { headers: { Accept: "text/html" } }, drawn);
    } catch (error) {
      // The stream's own bar says that the network is gone.
    } finally {
      this.#asking = false;
    }
  }
}

async function drawn(response) {
  if (response.redirected) location.reload();
  else if (response.ok) show(new DOMParser().parseFromString(await response.text(), "text/html"));
}

function show(page) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (!fresh || fresh.innerHTML === part.innerHTML || part.contains(document.activeElement)) continue;
    const unfolded = part.querySelector("details")?.open;
    part.replaceChildren(...fresh.childNodes);
    if (unfolded) part.querySelector("details").open = true;
  }
}
