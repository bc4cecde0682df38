/** What every client of the streams keeps to: the server's own table, rendered into the page. Milliseconds. */
export const RULES = JSON.parse(document.documentElement.dataset.clientRules || "{}");
