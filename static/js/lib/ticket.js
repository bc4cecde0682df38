/** What a ticket means to its owner. Pure: the page's controller only draws it. */

/** How near the turn is, out of 50: halfway there with four ahead. The first half of the rail is waiting. */
const HALFWAY = 4;
const TURN = 50;
const PROGRESS = { called: TURN, serving: TURN, completed: 100 };
const ENDED = new Set(["completed", "left", "cancelled", "reset"]);
const AT_A_COUNTER = new Set(["called", "serving"]);

/** The owner's picture, carried on by an event of the hall: the ticket as it is then, and what the hall has stopped. */
export function reduceTicket(state, { data }) {
  return { ...state, ticket: data.yours || state.ticket, pause: "pause" in data ? data.pause : state.pause };
}

/** The state, and within waiting how near it is: "next", "one" ahead, or "waiting". */
export function phaseOf({ state, people_ahead: ahead }) {
  if (state !== "waiting") return state;
  return ["next", "one"][ahead] || "waiting";
}

/** Whether nothing will happen to it any more; who was not there may be put back. */
export function isOver({ state }) {
  return ENDED.has(state);
}

export function progressOf(ticket) {
  return PROGRESS[ticket.state] || (TURN * HALFWAY) / (HALFWAY + (ticket.people_ahead || 0) + 1);
}

/** What else is so, by name; the server says the same. */
export function factsOf(ticket, standard) {
  return {
    bound: ticket.for_counter !== null,
    then: ticket.then.length > 0,
    claimed: ticket.claimed_class !== null,
    confirmed: ticket.class !== standard,
  };
}

/** What its owner should be told of a change beside the place in line; null when there is nothing. */
export function newsOf(before, after, standard) {
  if (after.state !== "waiting") return null;
  if (after.service !== before.service) return after.then.length < before.then.length ? "goesOn" : "moved";
  if (after.for_counter && after.for_counter !== before.for_counter) return "bound";
  if (before.state !== "waiting") return "back";
  if (after.class !== before.class && after.class !== standard) return "class";
  if (before.claimed_class && !after.claimed_class) return "noClass";
  return null;
}

/** Whether it was called just now, or once more. */
export function isCalledAnew(before, after) {
  return after.state === "called" && (!AT_A_COUNTER.has(before.state) || after.calls > before.calls);
}
