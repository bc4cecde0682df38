import { fetched } from "../lib/patience.js";

/** Often enough for a screen on a wall, seldom enough for a service that is coming back. */
const AGAIN_MS = 5_000;

/** A page that could not be shown asks again, quietly, and shows itself when the service can. */
export class Again {
  constructor() {
    setTimeout(() => this.#ask(), AGAIN_MS);
  }

  async #ask() {
    const answer = await fetched(location.href, { headers: { Accept: "text/html" } }, (whole) => whole).catch(() => null);
    if (answer && answer.status < 500) location.reload();
    else setTimeout(() => this.#ask(), AGAIN_MS);
  }
}
