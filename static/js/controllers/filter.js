/** Show only the rows of the line that hold what is typed (a number, or a service's name), and are of one service. */
export class Filter {
  constructor(form) {
    this.rows = form.closest("[data-line-pane]").querySelector("[data-line]");
    this.field = form.querySelector("[data-filter]");
    this.only = form.querySelector("[data-filter-service]");
    form.addEventListener("input", () => this.#apply());
    form.addEventListener("submit", (event) => event.preventDefault());
    new MutationObserver(() => this.#apply()).observe(this.rows, { childList: true });
    this.#apply();
  }

  #apply() {
    const [wanted, service] = [this.field.value.trim().toLowerCase(), this.only ? this.only.value : ""];
    for (const row of this.rows.children) {
      const about = row.querySelector(".line__about").textContent.toLowerCase();
      row.hidden = !about.includes(wanted) || !(service === "" || row.dataset.service === service);
    }
  }
}
