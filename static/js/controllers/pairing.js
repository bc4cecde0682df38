/** Somebody has just entered the code: the screen should start while they look at it. */
const ASK_MS = 3_000;

/** Waits until a manager has entered this screen's code. The server then shows the hall at this same address. */
export class Pairing {
  constructor(element) {
    this.element = element;
    this.said = element.querySelector("[data-pairing-said]");
    setInterval(() => this.#ask(), ASK_MS);
  }

  async #ask() {
    try {
      const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.statusText); // A proxy's own page has no way back to this one.
      if (!(await answer.text()).includes(this.element.dataset.code)) location.reload();
      this.said.textContent = "";
    } catch (error) {
      this.said.textContent = this.said.dataset.textLost;
    }
  }
}
