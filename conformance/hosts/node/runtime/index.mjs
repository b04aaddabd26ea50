// @ts-check
/**
 * The real `@workflow/core` over the World under test (`docs/host-protocol.md`, "The runtime").
 *
 * What is the same in every line of releases is here; what differs, in a harness for each line.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { currentCall } from '../calls.mjs';
import { dialectOf } from './dialect.mjs';
import { makeFacade } from './facade.mjs';
import { steps } from './flows.mjs';
import * as harness4 from './harness4.mjs';
import * as harness5 from './harness5.mjs';
import { takeOver, wantInfo } from './logs.mjs';
import * as port from './port.mjs';
import * as timers from './timers.mjs';
import { mustHaveEvents, unsupported } from './unsupported.mjs';

/** How often a step is tried again, in both lines, and in the model of the handlers. */
const MAX_RETRIES = 3;

/**
 * @typedef {object} Wanted the field `runtime` of `world` in `open`
 * @property {string} root the folder whose `node_modules` has `@workflow/core`
 * @property {boolean} [translate] say the World's errors in the dialect of this runtime
 *
 * @typedef {import('../calls.mjs').Call} Call
 * @typedef {import('./facade.mjs').Handler} Handler
 *
 * @typedef {object} Core a release, loaded
 * @property {any} runtime its `runtime.js`
 * @property {(file: string) => Promise<any>} load a file of it, or one with an absolute path
 * @property {NodeJS.Require} require resolves what it resolves
 * @property {string} version
 *
 * @typedef {object} Harness one line of releases
 * @property {boolean} inline a delivery goes on by itself and runs steps: no messages say so
 * @property {(handler: Handler, payload: any, metadata: any) => Promise<any>} deliver
 * @property {(call: Call, op: string, args: any[], value: any) => Promise<never> | undefined} after called with each
 *   answer; what it returns is waited for before the runtime learns of it
 * @property {() => Promise<never> | undefined} left what an operation waits for that a dead delivery left behind
 * @property {() => {runId: string, stepId: string, attempt: number, fails: boolean} | undefined} body
 *   the step whose body runs now; it gives the result of `handicap` attempts earlier, or `fails`
 * @property {() => number} handicap how many attempts of the steps of this delivery do not count
 * @property {(runId: string, name: string, startedAt: number, deploymentId: string) => string} firstId
 *
 * @typedef {object} Runtime
 * @property {string} version
 * @property {import('./dialect.mjs').Dialect} dialect
 * @property {boolean} inline
 * @property {(op: string, args: any[]) => Promise<any>} perform an operation whose name begins with `runtime.`
 */

/**
 * @param {Wanted} wanted
 * @param {{actor: () => import('../calls.mjs').ActorState, holdCalls: boolean, definition?: import('./facade.mjs').Definition,
 *   send: (message: import('../wire.mjs').Message) => void, sink: import('../logs.mjs').Sink}} host
 * @returns {Promise<Runtime>}
 */
export async function openRuntime(wanted, { actor, holdCalls, definition, send, sink }) {
  const folder = path.join(wanted.root, 'node_modules', '@workflow', 'core');
  const require = createRequire(path.join(folder, 'package.json'));
  const { version } = /** @type {any} */ (require(path.join(folder, 'package.json')));
  /** A file of the release, by which the suite runs it. @param {string} file @returns {Promise<any>} */
  async function load(file) {
    const { href } = pathToFileURL(path.resolve(folder, 'dist', file));
    try {
      return await import(href);
    } catch (/** @type {any} */ error) {
      if (error.code !== 'ERR_MODULE_NOT_FOUND' || error.url !== href) throw error;
      throw unsupported(`the suite cannot run @workflow/core ${version}: it has no dist/${file}`);
    }
  }

  mustHaveEvents((await load(require.resolve('@workflow/world'))).EventTypeSchema, version);
  wantInfo();
  takeOver(require('debug'), sink, () => currentCall()?.actor.name);
  timers.patch(pathToFileURL(folder).href);
  port.patch();

  /** @type {Record<string, Handler>} */
  const handlers = {};
  /** @type {import('./dialect.mjs').Dialect} */
  let dialect = 'name';
  /** @type {Harness | undefined} */
  let opened;
  const world = makeFacade({
    actor,
    send,
    holdCalls,
    definition,
    translated: wanted.translate === true,
    dialect: () => dialect,
    handlers,
    after: (call, op, args, value) => opened?.after(call, op, args, value),
    left: () => opened?.left(),
  });
  const symbols = /** @type {any} */ (globalThis);
  symbols[Symbol.for('@workflow/world//cache')] = world;
  symbols[Symbol.for('@workflow/world//stubbedCache')] = world;

  dialect = dialectOf(await load(require.resolve('@workflow/errors')));
  const runtime = await load('runtime.js');
  const { registerStepFunction } = await load('private.js');
  if (typeof registerStepFunction !== 'function' || typeof runtime.workflowEntrypoint !== 'function') {
    throw unsupported(`the suite cannot run @workflow/core ${version}: it has no registerStepFunction or workflowEntrypoint`);
  }
  // What it imports at its first use: now, not in the middle of a race.
  await (await load('telemetry.js')).trace('open', async () => {});
  const line = harness4.fits(runtime) ? harness4 : harness5;
  const harness = (opened = await line.open({ runtime, load, require, version }));
  for (const [name, body] of Object.entries(steps(ran))) {
    // Otherwise deliveries at once, each of them an attempt, may exhaust a step that never failed.
    Object.defineProperty(body, 'maxRetries', { get: () => MAX_RETRIES + harness.handicap() });
    registerStepFunction(name, body);
  }

  /** A step body runs: report it, and return its attempt. @param {string} name */
  function ran(name) {
    const call = currentCall();
    const body = call && harness.body();
    if (body === undefined) throw new Error(`the body of ${name} runs and no message is in hand`);
    const { runId, stepId, attempt, fails } = body;
    send({ type: 'step_begun', call: call?.id, actor: call?.actor.name, runId, stepId, name, attempt });
    if (fails) throw new Error(`${name} fails at its first attempt`);
    return attempt - harness.handicap();
  }

  /** @type {Record<string, (...args: any[]) => Promise<any>>} */
  const operations = {
    async 'runtime.deliver'(/** @type {string} */ queueName, /** @type {any} */ payload, /** @type {any} */ metadata) {
      const prefix = Object.keys(handlers).find((each) => queueName.startsWith(each));
      if (prefix === undefined) throw new Error(`the runtime has no handler for ${queueName}`);
      return (await harness.deliver(handlers[prefix], payload, { queueName, ...metadata })) ?? {};
    },
    async 'runtime.start'(/** @type {string} */ workflowId, /** @type {any[]} */ args) {
      const run = await runtime.start({ workflowId }, args);
      return { runId: run.runId };
    },
    async 'runtime.resumeHook'(/** @type {string} */ token, /** @type {any} */ payload) {
      const { runId, hookId } = await runtime.resumeHook(token, payload);
      return { runId, hookId };
    },
    async 'runtime.firstId'(/** @type {string} */ runId, /** @type {string} */ name, /** @type {number} */ at, /** @type {string} */ deploymentId) {
      return harness.firstId(runId, name, at, deploymentId);
    },
    async 'runtime.cancel'(/** @type {string} */ runId) {
      await runtime.cancelRun(world, runId);
      return {};
    },
  };

  return {
    version,
    dialect,
    inline: harness.inline,
    async perform(op, args) {
      const operation = operations[op];
      if (operation === undefined) {
        throw Object.assign(new Error(`the runtime has no ${op}`), { name: 'NotImplemented', code: 'NOT_IMPLEMENTED' });
      }
      return await operation(...args);
    },
  };
}
