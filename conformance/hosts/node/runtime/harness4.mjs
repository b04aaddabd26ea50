// @ts-check
/**
 * `@workflow/core` 4.x: two handlers, one of the workflow's queue and one of the steps' queue.
 *
 * The step handler takes the World when the package is loaded, the workflow handler when it is made.
 */
import { currentCall } from '../calls.mjs';
import { CODE } from './flows.mjs';

/** @typedef {import('../calls.mjs').Call} Call */
/** @typedef {import('./index.mjs').Harness} Harness */

/** Whether this is the harness for a release. @param {any} core its `runtime.js` */
export const fits = (core) => typeof core.stepEntrypoint === 'function';

const ROUTE = 'http://localhost/.well-known/workflow/v1/';

/** @param {import('./index.mjs').Core} core @returns {Promise<Harness>} */
export async function open({ runtime, load, require, version }) {
  const { createContext } = await load('vm/index.js');
  const { monotonicFactory } = await load(require.resolve('ulid'));
  const serve = runtime.workflowEntrypoint(CODE);
  if (version.startsWith('5.')) {
    // The first releases of line 5.x ask for the World, and make both handlers, at the first request.
    for (const each of [serve, runtime.stepEntrypoint]) await each(new Request(ROUTE, { method: 'POST' }));
  }

  /** The message in hand, and the attempt that its step is at. @type {WeakMap<Call, {payload: any, attempt: number}>} */
  const deliveries = new WeakMap();

  return {
    inline: false,
    deliver(handler, payload, metadata) {
      const call = currentCall();
      if (call !== undefined) deliveries.set(call, { payload, attempt: 1 });
      return handler(payload, metadata);
    },
    after(call, _op, _args, value) {
      const delivery = deliveries.get(call);
      if (delivery !== undefined && typeof value?.step?.attempt === 'number') delivery.attempt = value.step.attempt;
      return undefined;
    },
    left: () => undefined,
    body() {
      const call = currentCall();
      const delivery = call && deliveries.get(call);
      if (delivery === undefined) return undefined;
      const { payload, attempt } = delivery;
      return { runId: payload.workflowRunId, stepId: payload.stepId, attempt, fails: false };
    },
    handicap: () => 0,
    firstId(runId, name, startedAt) {
      const vm = createContext({ seed: `${runId}:${name}:${startedAt}`, fixedTimestamp: startedAt });
      return monotonicFactory(() => vm.globalThis.Math.random())(startedAt);
    },
  };
}
