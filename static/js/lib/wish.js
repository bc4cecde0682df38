/** What the join form asks of the service; `filled` are its fields by name. Pure. */
export function wishOf({ service, phone = "", class: claimed, hold, then_1: first, then_2: second, then_3: third }, channel) {
  const steps = [first, second, third];
  const end = steps.findIndex((step) => !step);
  const then = new Set(end < 0 ? steps : steps.slice(0, end));
  then.delete(service);
  return {
    service,
    channel,
    ...(phone.trim() && { phone: phone.trim() }),
    ...(claimed && { class: claimed }),
    ...(hold && { hold }),
    ...(then.size && { then: Array.from(then) }),
  };
}
