import { RULES } from "./rules.js";

/** How many last calls are kept, as the server keeps them. */
const CALLS_KEPT = 20;

/** The display's picture, carried on by an event of the hall. Pure. */
export function reduceBoard(state, { name, data }) {
  const { board, ...ticket } = data;
  if (!ticket.state) return { ...state, ...board };
  const calling = state.calling.filter(({ id }) => id !== ticket.id);
  return {
    ...state,
    ...board,
    calling: ticket.state === "called" ? [ticket, ...calling] : calling,
    calls: isCall(name) ? [ticket, ...state.calls].slice(0, CALLS_KEPT) : state.calls,
  };
}

export function isCall(name) {
  return name === "ticket.called" || name === "ticket.recalled";
}

/** Whether an event's call is fresh enough to be announced at `now` (ms). */
export function isNews({ type, name, data }, now) {
  return type === "event" && isCall(name) && now - Date.parse(data.at) < RULES.news;
}

/** A call as it is said: the number, and what the hall calls its counter. */
export function placed({ number, counter }, { counters }) {
  return { number, counter: counters.find(({ id }) => id === counter)?.name ?? counter };
}

/** Who is next by service; of more services than there is room for, those that somebody waits for come first. */
export function nextRows({ next }, most) {
  if (next.length <= most) return next;
  return Array.from(next).sort((one, other) => !one.numbers.length - !other.numbers.length).slice(0, most);
}

/** The last calls without repeats and without those that are shown large now. */
export function lastCalls({ calls }, shown, most) {
  const seen = new Set(shown.map(({ id }) => id));
  return calls.filter(({ id }) => !seen.has(id) && seen.add(id)).slice(0, most);
}
