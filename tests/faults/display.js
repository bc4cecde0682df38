/** The display's client with a network and a time that the test holds in its hand. */
const sockets = [];
const timers = new Map();
let last = 0;

window.setTimeout = (act, ms) => timers.set((last += 1), { act, ms }) && last;
window.clearTimeout = (id) => timers.delete(id);
window.WebSocket = class {
  constructor(url) {
    this.url = new URL(url);
    sockets.push(this);
  }

  close() {
    this.closed = true;
  }
};

const { Stream } = await import("/static/js/lib/stream.js");
const { reduceBoard } = await import("/static/js/lib/board.js");
const { RULES } = await import("/static/js/lib/rules.js");
let stream;
let shown;

/** Switch the display on; or off, and on again. */
export function begin() {
  sockets.length = 0;
  timers.clear();
  shown = null;
  stream = new Stream("/ws/halls/heping", { reduce: reduceBoard, changed: (state) => (shown = state), linked: () => null });
}

/** Let pass what the display waits for before it comes back, and answer it. */
export function connect() {
  for (const [id, { act, ms }] of timers) if (ms <= RULES.longest_wait && timers.delete(id)) act();
  return sockets.at(-1).url.searchParams.get("since");
}

export function hear(frame, before) {
  sockets.at(before ? -2 : -1)?.onmessage({ data: frame });
  const { state, epoch, version } = stream.feed;
  return { listens: !sockets.at(-1).closed, at: state && [Number(epoch), version], shown };
}

export function hangUp() {
  sockets.at(-1).onclose({ code: 1006 });
}
