// @ts-check
/**
 * `@workflow/core` 5.x: one handler, which replays the workflow and runs its steps in the same delivery, and
 * which refuses Worlds by their spec version.
 *
 * A step gets a message of its own only when it is one too many, or is tried again; and whoever finishes the last
 * step goes on by itself. So that there is something to deliver twice, the suite may ask two things of a delivery
 * before the race: `flaky`, the first attempt of each step fails, so that its second has a message; and `dies`,
 * the handler dies when it has finished a step, so that its message comes again to go on.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { CODE } from './flows.mjs';
import { unsupported } from './unsupported.mjs';

/** @typedef {import('./index.mjs').Harness} Harness */
/** @typedef {{flaky: boolean, dies: boolean, handicap: number, dead: boolean, die: () => void}} Delivery */

const ROUTE = 'http://localhost/.well-known/workflow/v1/flow';
const ENDS = new Set(['step_completed', 'step_failed']);
/** Nobody will ever go on from here. @type {Promise<never>} */
const NEVER = new Promise(() => {});

/** The process died, and with it what it knew of the bodies that it runs. @param {string} step */
function forget(step) {
  for (const symbol of Object.getOwnPropertySymbols(globalThis)) {
    if (!Symbol.keyFor(symbol)?.startsWith('@workflow/core//stepSingleFlight/')) continue;
    /** @type {any} */ (globalThis)[symbol]?.inFlight?.delete(step);
  }
}

/** @param {import('./index.mjs').Core} core @returns {Promise<Harness>} */
export async function open({ runtime, load, require, version }) {
  try {
    await runtime.getWorld();
  } catch (/** @type {any} */ error) {
    throw unsupported(`@workflow/core ${version} refuses this world: ${error.message}`);
  }
  const { createContext } = await load('vm/index.js');
  const { monotonicFactory } = await load(require.resolve('ulid'));
  // Releases before beta.26 name call sites by the start of the run, as line 4.x does.
  const { runIdCreatedAt } = await load('runtime/run-id-time.js').catch(() => ({ runIdCreatedAt: undefined }));
  const { contextStorage } = await load('step/context-storage.js');
  // The handler asks for the World, and is made, at the first request.
  await runtime.workflowEntrypoint(CODE)(new Request(ROUTE, { method: 'POST' }));

  /** @type {AsyncLocalStorage<Delivery>} */
  const deliveries = new AsyncLocalStorage();

  return {
    inline: true,
    deliver(handler, payload, { flaky = false, dies = false, handicap = 0, ...metadata }) {
      /** @type {Delivery} */
      const delivery = { flaky, dies, handicap, dead: false, die: () => {} };
      const death = new Promise((resolve) => {
        delivery.die = () => resolve({ died: true });
      });
      return deliveries.run(delivery, () => Promise.race([handler(payload, metadata), death]));
    },
    after(_call, op, args) {
      const delivery = deliveries.getStore();
      if (!delivery?.dies || delivery.dead || op !== 'events.create' || !ENDS.has(args[1].eventType)) return undefined;
      delivery.dead = true;
      forget(`${args[0]}:${args[1].correlationId}`);
      delivery.die();
      return NEVER;
    },
    left: () => (deliveries.getStore()?.dead ? NEVER : undefined),
    body() {
      const delivery = deliveries.getStore();
      const context = contextStorage.getStore();
      if (delivery === undefined || context === undefined) return undefined;
      const { stepId, attempt } = context.stepMetadata;
      const fails = delivery.flaky && attempt === 1;
      return { runId: context.workflowMetadata.workflowRunId, stepId, attempt, fails };
    },
    handicap: () => deliveries.getStore()?.handicap ?? 0,
    firstId(runId, name, startedAt, deploymentId) {
      const at = runIdCreatedAt?.(runId) ?? startedAt;
      const last = runIdCreatedAt === undefined ? startedAt : deploymentId;
      const vm = createContext({ seed: `${runId}:${name}:${last}`, fixedTimestamp: at });
      return monotonicFactory(() => vm.globalThis.Math.random())(at);
    },
  };
}
