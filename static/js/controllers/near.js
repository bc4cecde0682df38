/** Somebody who waits for a position wants an answer; an old one of a minute ago is as good. */
const PATIENCE_MS = 10_000;
const FRESH_MS = 60_000;
/** Four decimals are ten metres: enough to sort halls, and no more than is needed is sent. */
const DECIMALS = 4;

/** "Near me": asks for the position only when pressed, then searches from there. */
export class Near {
  constructor(form) {
    this.form = form;
    this.button = form.querySelector("[data-near]");
    this.said = form.querySelector("[data-near-said]");
    if (!this.button) return;
    form.querySelector("[data-near-place]").hidden = !("geolocation" in navigator && window.isSecureContext);
    this.button.addEventListener("click", () => this.#ask());
  }

  #ask() {
    this.#say("asking");
    this.button.setAttribute("aria-busy", "true");
    const options = { timeout: PATIENCE_MS, maximumAge: FRESH_MS };
    navigator.geolocation.getCurrentPosition((place) => this.#go(place), (error) => this.#fail(error), options);
  }

  #go({ coords }) {
    for (const [name, value] of [["lat", coords.latitude], ["lon", coords.longitude]]) {
      Object.assign(this.form.elements[name], { disabled: false, value: value.toFixed(DECIMALS) });
    }
    this.form.submit();
  }

  #fail(error) {
    this.button.removeAttribute("aria-busy");
    this.#say(error.code === error.PERMISSION_DENIED ? "refused" : "unknown");
  }

  #say(name) {
    const texts = { asking: "textAsking", refused: "textRefused", unknown: "textUnknown" };
    this.said.textContent = this.said.dataset[texts[name]];
    this.said.hidden = false;
  }
}
