// @ts-check
/** An error that makes verdicts `unsupported`, with this message as the reason. @param {string} message */
export function unsupported(message) {
  return Object.assign(new Error(message), { name: 'Unsupported', code: 'UNSUPPORTED' });
}

/**
 * Refuse a release whose Worlds change a run or a step by calls of their own (`runs.create`, `steps.update`) and not
 * by events: its package of the interface has no `run_created`. No World that the suite knows offers those calls.
 * @param {any} schema its `EventTypeSchema` @param {string} version of core
 */
export function mustHaveEvents(schema, version) {
  if (schema?.options?.includes('run_created') === true) return;
  throw unsupported(
    `the suite cannot run @workflow/core ${version}: its interface of a World has no run_created event; it creates and updates runs and steps by calls of their own`,
  );
}
