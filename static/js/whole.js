/**
 * A page that lives asks for itself anew while its behaviour has not begun: one of its modules did not come,
 * or came of another release. It stays as it is until the service answers, for a browser's own page leads nowhere.
 */
(() => {
  const FIRST_MS = 10_000;
  const LAST_MS = 60_000;
  const KEY = "o2o.whole";

  const knowsModules = "noModule" in HTMLScriptElement.prototype;
  if (knowsModules) window.addEventListener("load", () => (hasBegun() ? kept(null) : later(tries())));

  function hasBegun() {
    return "begun" in document.documentElement.dataset;
  }

  /** Each time later than before, and never all of a country at once. */
  function later(tried) {
    setTimeout(() => anew(tried), Math.min(FIRST_MS * 2 ** tried, LAST_MS) * (0.5 + Math.random() / 2));
  }

  async function anew(tried) {
    const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
    if (hasBegun()) return;
    if (!answer?.ok) return later(tried + 1);
    kept(tried + 1);
    location.replace(location.pathname + location.search);
  }

  function tries() {
    try {
      return Number(sessionStorage.getItem(KEY));
    } catch (error) {
      return 0;
    }
  }

  function kept(count) {
    try {
      if (count === null) sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, count);
    } catch (error) {
      // A browser that keeps nothing comes back sooner.
    }
  }
})();
