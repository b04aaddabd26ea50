// @ts-check
/**
 * A World of runs and of steps that nobody starts, kept as one document each: read it, decide, write it back. It is right
 * as long as `alone` lets one caller at a time do that.
 */

/**
 * @typedef {{run: any, steps: any[], events: any[]}} Doc
 * @typedef {object} Store
 * @property {(runId: string) => Promise<string | null | undefined>} read the document as text
 * @property {(runId: string, doc: string) => Promise<unknown>} write
 * @property {<T>(work: () => Promise<T>) => Promise<T>} alone
 */

/** @param {string} message @param {number} status */
function refusal(message, status) {
  return Object.assign(new Error(message), { name: 'WorkflowAPIError', status });
}

/** Values are bytes, which JSON lacks. @param {string} _ @param {any} value */
function bytesAsText(_, value) {
  return value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('base64') } : value;
}

/** @param {string} _ @param {any} value */
function bytesBack(_, value) {
  return typeof value?.bytes === 'string' ? new Uint8Array(Buffer.from(value.bytes, 'base64')) : value;
}

/** The run after an event. @param {any} run @param {any} event @param {Date} now */
function moved(run, event, now) {
  switch (event.eventType) {
    case 'run_started':
      return { ...run, status: 'running', startedAt: run.startedAt ?? now };
    case 'run_completed':
      return { ...run, status: 'completed', output: event.eventData.output };
    case 'step_created':
      return run;
    default:
      throw refusal(`no ${event.eventType} here`, 400);
  }
}

/** @param {Store} store */
export function runsOver(store) {
  let made = 0;
  /** @param {string} runId @returns {Promise<Doc>} */
  async function read(runId) {
    const text = await store.read(runId);
    if (!text) throw refusal(`no run ${runId}`, 404);
    const doc = JSON.parse(text, bytesBack);
    if (doc.run.startedAt) doc.run.startedAt = new Date(doc.run.startedAt);
    return doc;
  }
  /** @param {string | null} runId @param {any} event @param {Doc} doc */
  async function append(runId, event, doc) {
    const stored = { ...event, runId, eventId: `evnt_${process.pid}_${++made}`, createdAt: new Date() };
    const step = event.eventType === 'step_created' && {
      runId,
      stepId: event.correlationId,
      stepName: event.eventData.stepName,
      input: event.eventData.input,
      status: 'pending',
      attempt: 0,
    };
    const steps = step ? [...doc.steps, step] : doc.steps;
    await store.write(String(runId), JSON.stringify({ run: doc.run, steps, events: [...doc.events, stored] }, bytesAsText));
    return step ? { event: stored, step } : { event: stored, run: doc.run };
  }
  return {
    events: {
      /** @param {string | null} runId @param {any} event */
      async create(runId, event) {
        if (event.eventType === 'run_created') {
          const made_ = `wrun_${process.pid}_${++made}`;
          const { workflowName, deploymentId, input } = event.eventData;
          const run = { runId: made_, status: 'pending', workflowName, deploymentId, input };
          return await append(made_, event, { run, steps: [], events: [] });
        }
        return await store.alone(async () => {
          const doc = await read(String(runId));
          if (doc.run.status === 'completed') throw refusal(`${runId} has ended`, 409);
          return await append(runId, event, { ...doc, run: moved(doc.run, event, new Date()) });
        });
      },
      /** @param {{runId: string}} params */
      async list({ runId }) {
        return { data: (await read(runId)).events, cursor: null, hasMore: false };
      },
    },
    runs: { get: async (/** @type {string} */ runId) => (await read(runId)).run },
    steps: { list: async (/** @type {{runId: string}} */ { runId }) => ({ data: (await read(runId)).steps }) },
    hooks: { list: async () => ({ data: [] }) },
  };
}
