// @ts-check
/**
 * A World in memory that does everything right for runs and steps, and answers one operation in a wrong shape:
 * `at` says which (`events.create/step_started`, `runs.get`), `answer` what it answers there: `undefined`,
 * `event` (the bare event, as Worlds of line 4.0 did), or any JSON.
 */

/** @param {{at?: string, answer?: any}} options */
export function createWorld({ at = '', answer = 'undefined' } = {}) {
  /** @type {Map<string, any>} */
  const runs = new Map();
  /** @type {Map<string, any>} */
  const steps = new Map();
  /** @type {any[]} */
  const events = [];
  let ids = 0;

  const refuse = (/** @type {string} */ name, /** @type {string} */ message) => {
    throw Object.assign(new Error(message), { name });
  };
  const page = (/** @type {any[]} */ data) => ({ data, cursor: null, hasMore: false });

  /** @param {string} op @param {any} right */
  function answered(op, right) {
    if (op !== at) return right;
    if (answer === 'undefined') return undefined;
    if (answer === 'event') return right.event;
    return typeof answer === 'string' ? JSON.parse(answer) : answer;
  }

  /** @param {string} runId @param {any} data */
  function move(runId, data) {
    const { eventType, correlationId, eventData } = data;
    if (eventType === 'run_created') {
      const run = { ...eventData, runId, status: 'pending', createdAt: new Date() };
      runs.set(runId, run);
      return { run };
    }
    const run = runs.get(runId) ?? refuse('WorkflowRunNotFoundError', `no run ${runId}`);
    const over = ['completed', 'failed', 'cancelled'].includes(run.status);
    if (eventType === 'run_started') {
      if (over) refuse('RunExpiredError', 'the run is over');
      if (run.status === 'running') return { run: { ...run }, silent: true };
      Object.assign(run, { status: 'running', startedAt: new Date() });
      return { run: { ...run } };
    }
    if (eventType.startsWith('run_')) {
      if (over) refuse('EntityConflictError', 'the run is over');
      Object.assign(run, { status: eventType.slice(4), output: eventData?.output, error: eventData?.error });
      return { run: { ...run } };
    }
    const key = `${runId}/${correlationId}`;
    if (eventType === 'step_created') {
      if (over || steps.has(key)) refuse('EntityConflictError', 'the step is there, or the run is over');
      steps.set(key, { ...eventData, runId, stepId: correlationId, status: 'pending', attempt: 0 });
      return { step: { ...steps.get(key) } };
    }
    const step = steps.get(key) ?? refuse('WorkflowWorldError', `step ${correlationId} not found`);
    if (['completed', 'failed'].includes(step.status)) refuse('EntityConflictError', 'the step has ended');
    if (eventType === 'step_started') {
      if (over) refuse('RunExpiredError', 'the run is over');
      Object.assign(step, { status: 'running', attempt: step.attempt + 1, startedAt: new Date() });
    } else if (eventType === 'step_completed') {
      Object.assign(step, { status: 'completed', output: eventData.result });
    } else {
      Object.assign(step, { status: eventType === 'step_failed' ? 'failed' : 'pending', error: eventData.error });
    }
    return { step: { ...step } };
  }

  return {
    events: {
      /** @param {string | null} given @param {any} data */
      async create(given, data) {
        const runId = given ?? `wrun_${++ids}`;
        const { silent, ...moved } = move(runId, data);
        if (silent) return answered(`events.create/${data.eventType}`, moved);
        const event = { ...data, runId, eventId: `evnt_${String(++ids).padStart(6, '0')}`, createdAt: new Date() };
        events.push(event);
        return answered(`events.create/${data.eventType}`, { event, ...moved });
      },
      list: async (/** @type {any} */ { runId }) =>
        answered('events.list', page(events.filter((each) => each.runId === runId))),
    },
    runs: {
      get: async (/** @type {string} */ id) =>
        answered('runs.get', runs.get(id) ?? refuse('WorkflowRunNotFoundError', `no run ${id}`)),
    },
    steps: {
      get: async (/** @type {string} */ runId, /** @type {string} */ id) =>
        answered('steps.get', steps.get(`${runId}/${id}`) ?? refuse('WorkflowWorldError', 'step not found')),
      list: async (/** @type {any} */ { runId }) =>
        answered('steps.list', page([...steps.values()].filter((each) => each.runId === runId))),
    },
    hooks: {
      list: async () => answered('hooks.list', page([])),
      getByToken: async () => refuse('HookNotFoundError', 'no hook'),
    },
    getDeploymentId: async () => 'toy',
    async queue() {
      return { messageId: 'none' };
    },
    createQueueHandler: () => async () => new Response(),
  };
}
