/** After this long without an answer the network counts as gone. */
export const PATIENCE_MS = 15_000;

/** What `read` makes of the answer to this request. Throws when the network is gone or silent, or breaks in between. */
export async function fetched(url, request, read) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    return await read(await fetch(url, { ...request, signal: patience.signal }));
  } finally {
    clearTimeout(timer);
  }
}
