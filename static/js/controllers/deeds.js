import { Intent } from "../lib/action.js";
import { busily, refuse } from "../lib/page.js";
import { Toast } from "../lib/toast.js";

/** So long after a press, and after its answer, another one is the second half of a double press. */
const SETTLE_MS = 500;

/** Sends the page's forms as their buttons would, without leaving it, each once; then says what was done. */
export class Deeds {
  #intent = new Intent();
  #ofSheets = new Intent();
  #unsure = false;
  #settling = null;

  constructor(root) {
    this.root = root;
    this.present = root.querySelector("[data-present]");
    this.toast = new Toast(root.querySelector("[data-toast]"));
    root.addEventListener("submit", (event) => this.#submit(event));
    root.addEventListener("click", (event) => this.#ignore(event), { capture: true });
    new MutationObserver((seen) => this.#move(seen)).observe(root, { attributeFilter: ["data-phase"], attributeOldValue: true });
  }

  /** What was without an answer is done, or over, once the counter stands otherwise: the next press is another act. */
  #move(seen) {
    if (seen.every(({ oldValue }) => oldValue === this.root.dataset.phase)) return;
    this.#intent = new Intent();
    if (this.#unsure) refuse(this.present, "");
    this.#unsure = false;
  }

  /** What a deed brings up stands where its button stood: whoever pressed twice meant the first one alone. */
  #settle() {
    clearTimeout(this.#settling);
    this.root.classList.add("desk--settling");
    this.#settling = setTimeout(() => this.root.classList.remove("desk--settling"), SETTLE_MS);
  }

  #ignore(event) {
    if (!this.root.matches(".desk--settling") || !event.target.closest("a, button, summary")) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #submit(event) {
    if (!event.target.matches("[data-deeds]")) return;
    event.preventDefault();
    busily([event.submitter], () => this.#send(event.target, event.submitter));
  }

  /** What is refused is said where it was asked for, and nothing that was typed is lost. */
  async #send(form, button) {
    const sheet = form.closest("[data-sheet]");
    const asked = sheet && shownBy(sheet);
    // A sheet may be closed while its form is on its way, or another one opened: then it is said beside the line.
    const place = () => (sheet && shownBy(sheet) === asked ? sheet : this.present);
    const intent = sheet ? this.#ofSheets : this.#intent;
    refuse(place(), "");
    this.#settle();
    try {
      const answer = await intent.submit(form, button);
      this.toast.say(answer);
      place().dispatchEvent(new CustomEvent("deed", { bubbles: true, detail: answer }));
    } catch (error) {
      if (error.status === undefined) throw error;
      this.#unsure = !sheet && (error.status === 0 || error.status >= 500);
      if (this.#unsure && intent !== this.#intent) return; // The page shows by now what came of it.
      refuse(place(), error.status === 0 ? this.root.dataset.textLost : error.message);
      place().querySelector("[data-refusal]").scrollIntoView({ block: "nearest" });
    } finally {
      this.#settle();
    }
  }
}

/** The same for a sheet that is drawn anew. */
function shownBy({ dataset: { kind, ticket } }) {
  return `${kind} ${ticket}`;
}
