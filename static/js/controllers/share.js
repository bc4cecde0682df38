const SAID_MS = 3_000;

/** Pass the page's own link on: by the phone's own sheet, else by copying it, else by showing it to be copied by hand. */
export class Share {
  constructor(button) {
    this.button = button;
    this.label = button.querySelector("[data-share-label]");
    this.words = this.label.textContent;
    button.hidden = !(navigator.share || navigator.clipboard);
    button.addEventListener("click", () => this.#share());
  }

  async #share() {
    const { title, link } = this.button.dataset;
    const url = new URL(link, location.href).href;
    try {
      await (navigator.share ? navigator.share({ title, url }) : this.#copy(url));
    } catch (error) {
      if (error.name !== "AbortError") await this.#copy(url);
    }
  }

  async #copy(url) {
    try {
      await navigator.clipboard.writeText(url);
    } catch (error) {
      window.prompt(this.words, url);
      return;
    }
    this.label.textContent = this.button.dataset.textCopied;
    setTimeout(() => {
      this.label.textContent = this.words;
    }, SAID_MS);
  }
}
