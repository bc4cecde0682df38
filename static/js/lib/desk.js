/** The clerk's picture, carried on by an event of the hall. Pure: a new state for each change. */
export function reduceDesk(state, { name, data }) {
  const { board, order = state.order, ...row } = data;
  const seen = { ...state, order, pause: board ? board.pause : state.pause };
  if (name.startsWith("counter.")) return row.id === state.counter.id ? { ...seen, counter: { ...state.counter, open: row.open, clerk: row.clerk } } : seen;
  if (!row.state) return seen;
  const mine = row.counter === state.counter.id;
  return {
    ...seen,
    current: present(state.current, row, mine),
    line: kept(state, "line", row, row.state === "waiting" && forUs(state, row)),
    parked: kept(state, "parked", row, row.state === "parked"),
    absent: kept(state, "absent", row, row.state === "no_show"),
    today: { ...state.today, served: state.today.served + (mine && name === "ticket.completed" ? 1 : 0) },
  };
}

/** Who waits, as this counter would call them; those whom it does not know the order of come after, by turn. */
export function inOrder({ line, order }) {
  const places = new Map(order.map((id, place) => [id, place]));
  const place = ({ id }) => places.get(id) ?? places.size;
  return [...line].sort((a, b) => place(a) - place(b) || a.turn - b.turn || (a.id < b.id ? -1 : 1));
}

/** What can be done now: "closed", "taken" (somebody else has the counter), "idle", "called" or "serving". */
export function phaseOf({ counter, current }, me) {
  if (!counter.open) return "closed";
  if (counter.clerk !== me) return "taken";
  return current ? current.state : "idle";
}

/** What the hall has stopped: "none", "issuing", "calling" or "both". */
export function pausedOf({ pause }) {
  if (!pause) return "none";
  if (pause.issuing && pause.calling) return "both";
  return pause.issuing ? "issuing" : "calling";
}

/** The state of a ticket as the page has it; undefined when it has ended, or is at another counter. */
export function stateOf({ current, line, parked, absent }, id) {
  return [current, ...line, ...parked, ...absent].find((one) => one && one.id === id)?.state;
}

function present(current, ticket, mine) {
  if (mine && ["called", "serving"].includes(ticket.state)) return ticket;
  return current && current.id === ticket.id ? null : current;
}

/** Somebody who waits for one counter alone is called there, whatever it serves. */
function forUs({ counter, services }, { for_counter: bound, service }) {
  return bound ? bound === counter.id : served(services, service);
}

function kept(state, name, ticket, belongs) {
  const others = state[name].filter(({ id }) => id !== ticket.id);
  return belongs && (name === "line" || served(state.services, ticket.service) || ticket.counter === state.counter.id) ? [ticket, ...others] : others;
}

function served(services, service) {
  return services.some(({ id }) => id === service);
}
