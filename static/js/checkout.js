/** What the checkout needs: its form is sent once, and suggests divisions. A few lines instead of everything. */
import { Divisions } from "./controllers/divisions.js";
import { Once } from "./controllers/once.js";

for (const form of document.querySelectorAll(".checkout")) {
  new Once(form);
  new Divisions(form);
}
