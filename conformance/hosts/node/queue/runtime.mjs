// @ts-check
/**
 * The real `@workflow/core` over the World under test and its own queue, with the workflows of level `runtime`.
 * It runs as it would in an application; it reports events, step bodies and deliveries, and the engine holds nothing.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorToWire } from '../errors.mjs';
import { dialectOf, translate } from '../runtime/dialect.mjs';
import { CODE, steps } from '../runtime/flows.mjs';
import { takeOver } from '../runtime/logs.mjs';

/**
 * @typedef {import('../wire.mjs').Message} Message
 * @typedef {object} Runtime
 * @property {string} version
 * @property {import('../runtime/dialect.mjs').Dialect} dialect
 * @property {Record<string, import('./server.mjs').Handler>} handlers by path
 * @property {(op: string, args: any[]) => Promise<any>} perform
 */

/** The step that a delivery is about. @type {AsyncLocalStorage<{runId: string, stepId: string, attempt: number}>} */
const current = new AsyncLocalStorage();

/**
 * The World as the runtime sees it: each event that the runtime asks for is reported to the engine.
 * @param {any} world @param {(message: Message) => void} send @param {(error: any, op: string) => any} said
 */
function observed(world, send, said) {
  /** @param {any} holder @param {string} space */
  const saying = (holder, space) =>
    new Proxy(holder, {
      get(target, name) {
        const method = target[name];
        if (typeof method !== 'function') return method;
        return async (/** @type {any[]} */ ...args) => {
          try {
            return await method.apply(target, args);
          } catch (error) {
            throw said(error, `${space}.${String(name)}`);
          }
        };
      },
    });
  const events = saying(world.events, 'events');
  const create = async (/** @type {any} */ runId, /** @type {any} */ data, /** @type {any[]} */ ...rest) => {
    const about = { eventType: data.eventType, correlationId: data.correlationId };
    const now = () => ({ at: Date.now() });
    try {
      const made = await events.create(runId, data, ...rest);
      const step = current.getStore();
      if (step !== undefined && typeof made?.step?.attempt === 'number') step.attempt = made.step.attempt;
      // No event of its own: starting a run that runs gives the run.
      send({ type: 'event_asked', runId: runId ?? made?.run?.runId ?? '', ...about, made: made?.event?.eventType, ...now() });
      return made;
    } catch (error) {
      send({ type: 'event_asked', runId: runId ?? '', ...about, error: errorToWire(error, false), ...now() });
      throw error;
    }
  };
  const spaces = /** @type {Record<string, any>} */ ({
    events: new Proxy(events, { get: (target, name) => (name === 'create' ? create : target[name]) }),
  });
  for (const space of ['runs', 'steps', 'hooks']) spaces[space] = saying(world[space] ?? {}, space);
  return new Proxy(world, {
    get(target, name) {
      if (typeof name === 'string' && Object.hasOwn(spaces, name)) return spaces[name];
      const value = target[name];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/**
 * @param {{root: string, translate?: boolean}} wanted @param {any} world
 * @param {{send: (message: Message) => void, sink: import('../logs.mjs').Sink}} host
 * @returns {Promise<Runtime>}
 */
export async function openRuntime(wanted, world, { send, sink }) {
  const folder = path.join(wanted.root, 'node_modules', '@workflow', 'core');
  const require = createRequire(path.join(folder, 'package.json'));
  const load = (/** @type {string} */ file) => import(pathToFileURL(path.join(folder, 'dist', file)).href);

  takeOver({}, sink, () => undefined);
  const dialect = dialectOf(await import(pathToFileURL(require.resolve('@workflow/errors')).href));
  const seen = observed(world, send, (error, op) => (wanted.translate ? translate(error, dialect, op) : error));
  const symbols = /** @type {any} */ (globalThis);
  symbols[Symbol.for('@workflow/world//cache')] = seen;
  symbols[Symbol.for('@workflow/world//stubbedCache')] = seen;

  const core = await load('runtime.js');
  const { registerStepFunction } = await load('private.js');
  for (const [name, body] of Object.entries(steps(ran))) registerStepFunction(name, body);

  /** A step body runs: report it, and return its attempt. @param {string} name */
  function ran(name) {
    const step = current.getStore();
    if (step === undefined) throw new Error(`the body of ${name} runs and no message is in hand`);
    send({ type: 'step_ran', name, ...step, at: Date.now() });
    return step.attempt;
  }

  /** @param {Request} request */
  async function step(request) {
    const payload = await request.clone().json();
    const about = { runId: payload?.workflowRunId ?? '', stepId: payload?.stepId ?? '', attempt: 1 };
    return await current.run(about, () => core.stepEntrypoint(request));
  }

  /** @type {Record<string, (...args: any[]) => Promise<any>>} */
  const operations = {
    async 'runtime.start'(/** @type {string} */ workflowId, /** @type {any[]} */ args) {
      return { runId: (await core.start({ workflowId }, args)).runId };
    },
    async 'runtime.resumeHook'(/** @type {string} */ token, /** @type {any} */ payload) {
      const { runId, hookId } = await core.resumeHook(token, payload);
      return { runId, hookId };
    },
    async 'runtime.output'(/** @type {string} */ runId) {
      return { value: (await core.getRun(runId).returnValue) ?? null };
    },
  };

  return {
    version: require('./package.json').version,
    dialect,
    handlers: { flow: core.workflowEntrypoint(CODE), step },
    async perform(op, args) {
      const operation = operations[op];
      if (operation === undefined) {
        throw Object.assign(new Error(`the runtime has no ${op}`), { name: 'NotImplemented', code: 'NOT_IMPLEMENTED' });
      }
      return await operation(...args);
    },
  };
}
