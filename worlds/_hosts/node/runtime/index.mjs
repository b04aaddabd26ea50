// @ts-check
/**
 * The real `@workflow/core` over the World under test (`docs/host-protocol.md`, "The runtime").
 *
 * It is imported once the World is made, because its step handler takes the World when it is loaded.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { currentCall } from '../calls.mjs';
import { dialectOf } from './dialect.mjs';
import { makeFacade } from './facade.mjs';
import { CODE, steps } from './flows.mjs';
import { takeOver, wantInfo } from './logs.mjs';
import * as port from './port.mjs';
import * as timers from './timers.mjs';

/**
 * @typedef {object} Wanted the field `runtime` of `world` in `open`
 * @property {string} root the folder whose `node_modules` has `@workflow/core`
 * @property {boolean} [translate] say the World's errors in the dialect of this runtime
 *
 * @typedef {import('../calls.mjs').Call} Call
 *
 * @typedef {object} Runtime
 * @property {string} version
 * @property {import('./dialect.mjs').Dialect} dialect
 * @property {(op: string, args: any[]) => Promise<any>} perform an operation whose name begins with `runtime.`
 */

/**
 * @param {Wanted} wanted
 * @param {{lanes: import('../calls.mjs').Lane[], holdCalls: boolean,
 *   send: (message: import('../wire.mjs').Message) => void, sink: import('../logs.mjs').Sink}} host
 * @returns {Promise<Runtime>}
 */
export async function openRuntime(wanted, { lanes, holdCalls, send, sink }) {
  const folder = path.join(wanted.root, 'node_modules', '@workflow', 'core');
  const require = createRequire(path.join(folder, 'package.json'));
  const load = (/** @type {string} */ file) => import(pathToFileURL(path.join(folder, 'dist', file)).href);

  wantInfo();
  takeOver(require('debug'), sink, () => currentCall()?.lane.name);
  timers.patch(pathToFileURL(folder).href);
  port.patch();

  /** @type {Record<string, (message: any, metadata: any) => Promise<any>>} */
  const handlers = {};
  /** @type {import('./dialect.mjs').Dialect} */
  let dialect = 'name';
  const translated = wanted.translate === true;
  /** The message in hand, and the attempt that its step is at. @type {WeakMap<Call, {payload: any, attempt: number}>} */
  const deliveries = new WeakMap();
  /** @param {Call} call @param {any} value what an operation answered */
  const look = (call, value) => {
    const delivery = deliveries.get(call);
    if (delivery !== undefined && typeof value?.step?.attempt === 'number') delivery.attempt = value.step.attempt;
  };
  const world = makeFacade({ lanes, send, holdCalls, translated, dialect: () => dialect, handlers, look });
  const symbols = /** @type {any} */ (globalThis);
  symbols[Symbol.for('@workflow/world//cache')] = world;
  symbols[Symbol.for('@workflow/world//stubbedCache')] = world;

  dialect = dialectOf(await import(pathToFileURL(require.resolve('@workflow/errors')).href));
  const core = await load('runtime.js');
  const { registerStepFunction } = await load('private.js');
  // What it imports at its first use: now, not in the middle of a race.
  await (await load('telemetry.js')).trace('open', async () => {});
  const { createContext } = await load('vm/index.js');
  const { monotonicFactory } = await import(pathToFileURL(require.resolve('ulid')).href);
  core.workflowEntrypoint(CODE);
  for (const [name, body] of Object.entries(steps(ran))) registerStepFunction(name, body);

  /** A step body runs: tell, and say at which attempt. @param {string} name */
  function ran(name) {
    const call = currentCall();
    const delivery = call && deliveries.get(call);
    if (delivery === undefined) throw new Error(`the body of ${name} runs and no message is in hand`);
    const { payload, attempt } = delivery;
    const about = { call: call?.id, actor: call?.lane.name };
    send({ type: 'body', ...about, runId: payload.workflowRunId, stepId: payload.stepId, name, attempt });
    return attempt;
  }

  /** @type {Record<string, (...args: any[]) => Promise<any>>} */
  const operations = {
    async 'runtime.deliver'(/** @type {string} */ queueName, /** @type {any} */ payload, /** @type {any} */ metadata) {
      const prefix = Object.keys(handlers).find((each) => queueName.startsWith(each));
      if (prefix === undefined) throw new Error(`the runtime has no handler for ${queueName}`);
      const call = currentCall();
      if (call !== undefined) deliveries.set(call, { payload, attempt: 1 });
      return (await handlers[prefix](payload, { queueName, ...metadata })) ?? {};
    },
    async 'runtime.start'(/** @type {string} */ workflowId, /** @type {any[]} */ args) {
      const run = await core.start({ workflowId }, args);
      return { runId: run.runId };
    },
    async 'runtime.resumeHook'(/** @type {string} */ token, /** @type {any} */ payload) {
      const { runId, hookId } = await core.resumeHook(token, payload);
      return { runId, hookId };
    },
    async 'runtime.firstId'(/** @type {string} */ runId, /** @type {string} */ name, /** @type {number} */ startedAt) {
      const vm = createContext({ seed: `${runId}:${name}:${startedAt}`, fixedTimestamp: startedAt });
      return monotonicFactory(() => vm.globalThis.Math.random())(startedAt);
    },
    async 'runtime.cancel'(/** @type {string} */ runId) {
      await core.cancelRun(world, runId);
      return {};
    },
  };

  return {
    version: require('./package.json').version,
    dialect,
    async perform(op, args) {
      const operation = operations[op];
      if (operation === undefined) {
        throw Object.assign(new Error(`the runtime has no ${op}`), { name: 'NotImplemented', code: 'NOT_IMPLEMENTED' });
      }
      return await operation(...args);
    },
  };
}
