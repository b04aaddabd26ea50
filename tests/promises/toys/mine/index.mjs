// @ts-check
/**
 * A small World in memory that guards nothing: every write is taken, so its failures are found at once.
 * Option `strict` must be the boolean true or left out: a test of options wants to see the type it gave.
 */

/** @type {Map<string, any>} */
const runs = new Map();
/** @type {Map<string, any>} */
const steps = new Map();
/** @type {any[]} */
const events = [];

/** @param {string} kind @param {any} data */
function stepOf(kind, data, /** @type {string} */ runId) {
  const key = `${runId} ${data.correlationId}`;
  const step = steps.get(key) ?? { runId, stepId: data.correlationId, attempt: 0, createdAt: new Date() };
  const status = { step_created: 'pending', step_started: 'running', step_retrying: 'pending' }[kind];
  step.status = status ?? (kind === 'step_failed' ? 'failed' : 'completed');
  if (kind === 'step_created') Object.assign(step, { stepName: data.eventData?.stepName, input: data.eventData?.input });
  if (kind === 'step_started') Object.assign(step, { attempt: step.attempt + 1, startedAt: step.startedAt ?? new Date() });
  if (kind === 'step_completed') Object.assign(step, { output: data.eventData?.result, completedAt: new Date() });
  if (kind === 'step_failed') Object.assign(step, { error: { message: 'failed' }, completedAt: new Date() });
  steps.set(key, { ...step, updatedAt: new Date() });
  return { ...steps.get(key) };
}

/** @param {{strict?: unknown}} [options] */
export function createWorld({ strict } = {}) {
  if (strict !== undefined && strict !== true) throw new TypeError(`strict is ${JSON.stringify(strict)}, not true`);
  return {
    events: {
      /** @param {string | null} given @param {any} data */
      async create(given, data) {
        const kind = data.eventType;
        const runId = given ?? `wrun_${String(runs.size).padStart(26, '0')}`;
        const event = { ...data, eventId: `evnt_${String(events.length).padStart(26, '0')}`, runId, createdAt: new Date() };
        const run = runs.get(runId) ?? { runId, status: 'pending', createdAt: new Date(), ...data.eventData };
        if (kind === 'run_started') Object.assign(run, { status: 'running', startedAt: run.startedAt ?? new Date() });
        if (/^run_(completed|failed|cancelled)$/.test(kind)) Object.assign(run, { status: kind.slice(4), completedAt: new Date() });
        runs.set(runId, { ...run, updatedAt: new Date() });
        events.push(event);
        const step = kind.startsWith('step_') ? stepOf(kind, data, runId) : undefined;
        return { event, run: { ...runs.get(runId) }, step };
      },
      /** @param {{runId: string}} params */
      async list({ runId }) {
        return { data: events.filter((event) => event.runId === runId), cursor: null, hasMore: false };
      },
    },
    runs: { get: async (/** @type {string} */ runId) => ({ ...runs.get(runId) }) },
    steps: {
      get: async (/** @type {string} */ runId, /** @type {string} */ stepId) => ({ ...steps.get(`${runId} ${stepId}`) }),
      list: async (/** @type {{runId: string}} */ { runId }) => ({
        data: [...steps.values()].filter((step) => step.runId === runId),
        cursor: null,
        hasMore: false,
      }),
    },
    hooks: { list: async () => ({ data: [], cursor: null, hasMore: false }), getByToken: async () => null },
  };
}
