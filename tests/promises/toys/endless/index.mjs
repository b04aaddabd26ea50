// @ts-check
/**
 * A World in memory that does not come to an end in one way, named by its option `way`. `log` is a file that gets
 * a line each time a World is made.
 */
import fs from 'node:fs';

const never = () => new Promise(() => {});
const ENDED = ['completed', 'failed'];

/** @param {string} message */
function conflict(message) {
  return Object.assign(new Error(message), { name: 'EntityConflictError', status: 409 });
}

/** The status an event leads to, by the end of its type. @type {Record<string, string>} */
const STATUS = { created: 'pending', started: 'running', retrying: 'pending', completed: 'completed', failed: 'failed' };

/** @param {{way?: string, log?: string}} options */
export async function createWorld({ way = '', log } = {}) {
  if (log !== undefined) fs.appendFileSync(log, 'made\n');
  if (way === 'hangs') await never();
  if (way === 'spins') for (;;);
  /** @type {Map<string, any>} */
  const runs = new Map();
  /** @type {Map<string, any>} */
  const steps = new Map();
  /** @type {any[]} */
  const events = [];
  let pages = 0;
  let made = 0;

  /** @param {string | null} given @param {any} data */
  async function create(given, data) {
    const [kind, end] = data.eventType.split('_');
    if (way === 'drags') await new Promise((resolve) => setTimeout(resolve, 50));
    if (way === 'reads for ever' && data.eventType === 'step_completed') {
      for (;;) await fs.promises.readFile(String(log));
    }
    if (way === 'silent' && data.eventType === 'step_completed') await never();
    const runId = given ?? `wrun_${String(++made).padStart(26, '0')}`;
    const now = new Date();
    const [store, id] = kind === 'step' ? [steps, data.correlationId] : [runs, runId];
    const old = kind === 'run' || kind === 'step' ? store.get(id) : undefined;
    if (old !== undefined && (ENDED.includes(old.status) || end === 'created')) throw conflict(`${id} is ${old.status}`);
    const next = { createdAt: now, attempt: 0, ...old, runId, status: STATUS[end] };
    if (kind === 'step') next.stepId = id;
    if (end === 'created') Object.assign(next, data.eventData);
    if (end === 'started') Object.assign(next, { attempt: next.attempt + 1, startedAt: old?.startedAt ?? now });
    if (end === 'completed') Object.assign(next, { output: data.eventData.result ?? data.eventData.output });
    if (end === 'failed') Object.assign(next, { error: data.eventData.error });
    if (kind === 'run' || kind === 'step') store.set(id, next);
    const event = { ...data, runId, eventId: `evnt_${String(events.length).padStart(8, '0')}`, createdAt: now };
    events.push(event);
    return { event, [kind]: next };
  }

  /** @param {any[]} data */
  function page(data) {
    if (way === 'repeats a cursor') return { data, hasMore: true, cursor: 'again' };
    if (way === 'empty pages') return { data: [], hasMore: true, cursor: `page ${++pages}` };
    return { data, hasMore: false, cursor: null };
  }

  const world = {
    events: {
      create,
      list: async (/** @type {any} */ { runId }) => page(events.filter((event) => event.runId === runId)),
    },
    runs: {
      async get(/** @type {string} */ id) {
        if (way === 'warms for ever') await never();
        return runs.get(id);
      },
    },
    steps: {
      get: async (/** @type {string} */ _run, /** @type {string} */ id) => steps.get(id),
      list: async (/** @type {any} */ { runId }) => page([...steps.values()].filter((step) => step.runId === runId)),
    },
    hooks: {
      list: async () => ({ data: [], hasMore: false, cursor: null }),
      getByToken: async () => {
        throw Object.assign(new Error('no such hook'), { name: 'HookNotFoundError', status: 404 });
      },
    },
    /** @type {(() => unknown) | undefined} */
    close: undefined,
  };
  if (way === 'closes for ever') world.close = never;
  if (way === 'closes with a value') world.close = () => 'closed';
  if (way === 'throws when asked') {
    for (const name of ['specVersion', 'close', 'name', 'version']) {
      Object.defineProperty(world, name, {
        get() {
          throw new Error(`${name} is nobody's business`);
        },
      });
    }
  }
  return world;
}
