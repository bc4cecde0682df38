import { fetched } from "../lib/patience.js";

/** Somebody has just entered the code: the screen should start while they look at it. */
const ASK_MS = 3_000;

/** Waits until a manager has entered this screen's code. The server then shows the hall at this same address. */
export class Pairing {
  constructor(element) {
    this.element = element;
    this.said = element.querySelector("[data-pairing-said]");
    this.#wait();
  }

  #wait() {
    setTimeout(() => this.#ask(), ASK_MS);
  }

  async #ask() {
    try {
      const page = await fetched(location.pathname, { headers: { Accept: "text/html" } }, read);
      if (!page.includes(this.element.dataset.code)) location.reload();
      this.said.textContent = "";
    } catch (error) {
      this.said.textContent = this.said.dataset.textLost;
    }
    this.#wait();
  }
}

function read(answer) {
  if (!answer.ok) throw new Error(answer.statusText); // A proxy's own page has no way back to this one.
  return answer.text();
}
