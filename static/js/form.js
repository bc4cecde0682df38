/** What a page with nothing but a plain form needs: the form is sent once. A few lines instead of everything. */
import { Once } from "./controllers/once.js";

for (const form of document.querySelectorAll("[data-controller=once]")) new Once(form);
