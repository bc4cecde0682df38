/** The clerk's picture, carried on by an event of the hall. Pure: a new state for each change. */
export function reduceDesk(state, { name, data }) {
  if (name.startsWith("counter.")) return data.id === state.counter.id ? { ...state, counter: { ...state.counter, open: data.open } } : state;
  if (!data.state) return state;
  const mine = data.counter === state.counter.id;
  return {
    ...state,
    current: present(state.current, data, mine),
    line: kept(state, state.line, data, data.state === "waiting").sort((a, b) => a.turn - b.turn || (a.id < b.id ? -1 : 1)),
    absent: kept(state, state.absent, data, data.state === "no_show"),
    today: { ...state.today, served: state.today.served + (mine && name === "ticket.completed" ? 1 : 0) },
  };
}

/** What can be done now: "closed", "idle", "called" or "serving". */
export function phaseOf({ counter, current }) {
  if (current) return current.state;
  return counter.open ? "idle" : "closed";
}

function present(current, ticket, mine) {
  if (mine && ["called", "serving"].includes(ticket.state)) return ticket;
  return current && current.id === ticket.id ? null : current;
}

function kept({ services }, list, ticket, belongs) {
  const others = list.filter(({ id }) => id !== ticket.id);
  return belongs && services.some(({ id }) => id === ticket.service) ? [ticket, ...others] : others;
}

const ticketVerb = (verb, body = {}) => ({ ticket }) => ["POST", `/tickets/${ticket}/${verb}`, body];

/** What each button asks of the service. */
export const REQUESTS = {
  open: ({ counter }) => ["POST", `/counters/${counter}/opening`, {}],
  close: ({ counter }) => ["DELETE", `/counters/${counter}/opening`, {}],
  call: ({ counter, chosen }) => ["POST", `/counters/${counter}/calls`, chosen ? { ticket: chosen } : {}],
  recall: ticketVerb("recall"),
  start: ticketVerb("start"),
  complete: ticketVerb("completion"),
  "no-show": ticketVerb("no-show"),
  "requeue-first": ticketVerb("requeue", { to: "first" }),
  "requeue-last": ticketVerb("requeue", { to: "last" }),
};
