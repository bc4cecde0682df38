import { Intent } from "../lib/action.js";
import { busily, refuse } from "../lib/page.js";
import { wishOf } from "../lib/wish.js";

/** What the page itself says better when it is drawn anew: with when the hall opens, and other halls. */
const DRAWN_ANEW = new Set(["hall_full", "hall_closed", "hall_paused", "service_closed"]);

/** Taking a number: without leaving the page until it is there, so that a lost network loses nothing. */
export class Join {
  #intent = new Intent();

  constructor(form) {
    this.form = form;
    form.addEventListener("submit", (event) => this.#submit(event));
    form.addEventListener("change", () => this.#reveal());
    this.#reveal();
    form.addEventListener("keydown", (event) => event.key === "Escape" && form.reset());
  }

  /** The sheet says what was chosen, and must not cover it. */
  #reveal() {
    const chosen = this.form.querySelector(".choice:checked");
    if (!chosen) return;
    const [row] = chosen.labels;
    const head = this.form.querySelector("[data-chosen]");
    head.textContent = row.querySelector(".service__name").textContent;
    head.hidden = false;
    row.scrollIntoView({ block: "nearest" });
  }

  #submit(event) {
    event.preventDefault();
    return busily(this.form.querySelectorAll("[type=submit]"), () => this.#take());
  }

  async #take() {
    const wish = wishOf(Object.fromEntries(new FormData(this.form)), this.form.dataset.channel);
    refuse(this.form, "");
    this.form.elements.phone.removeAttribute("aria-invalid");
    try {
      const ticket = await this.#intent.send("POST", this.form.dataset.tickets, wish);
      // In the place of the form: who goes back from the ticket must not stand before a button that takes another.
      location.replace(`/t/${ticket.id}?k=${ticket.token}`);
      await new Promise(() => {}); // Until the ticket is there the button stays busy: the next press would take another.
    } catch (error) {
      if (error.status === undefined) throw error;
      this.#refused(error);
    }
  }

  #drawAnew() {
    const page = new URL(location.href);
    page.searchParams.set("service", this.form.elements.service.value);
    location.replace(page);
  }

  #refused({ status, problem, message }) {
    if (DRAWN_ANEW.has(problem.code)) this.#drawAnew();
    refuse(this.form, status === 0 ? this.form.dataset.textLost : message);
    if (problem.field !== "phone") return;
    this.form.elements.phone.setAttribute("aria-invalid", "true");
    this.form.elements.phone.focus();
  }
}
