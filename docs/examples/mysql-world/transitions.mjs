// @ts-check
/** What an event makes of the state of a run, and when it is refused. Nothing here knows the database. */

/** @typedef {{eventType: string, correlationId?: string, eventData?: any, specVersion?: number}} Event */
/** @typedef {{log: any[], run: any, step: Record<string, any>, hook: Record<string, any>, wait: Record<string, any>}} State */

const ENDED = ['completed', 'failed', 'cancelled'];
const STATUS = /** @type {Record<string, string>} */ ({
  run_created: 'pending', run_started: 'running', run_completed: 'completed', run_failed: 'failed',
  run_cancelled: 'cancelled', step_created: 'pending', step_started: 'running', step_retrying: 'pending',
  step_completed: 'completed', step_failed: 'failed', wait_created: 'waiting', wait_completed: 'completed',
});
const REFUSALS = /** @type {Record<string, [string, number]>} */ ({
  conflict: ['EntityConflictError', 409],
  gone: ['RunExpiredError', 410],
  early: ['TooEarlyError', 425],
  missing: ['WorkflowWorldError', 404],
});

/** The runtime knows a refusal by its status or its name. @param {string} what @param {string} message @param {string} [name] */
export function refusal(what, message, name) {
  const [usual, status] = REFUSALS[what];
  return Object.assign(new Error(message), { name: name ?? usual, status });
}

/**
 * The state after an event (left out: nothing changes), and what the caller gets. Throws a refusal.
 * `tokens`: whether a hook's token is claimed or released.
 * @param {State | undefined} before @param {string} runId @param {Event} event @param {Date} at
 * @returns {{state?: State, result: any, tokens?: boolean}}
 */
export function next(before, runId, event, at) {
  const { eventType: kind, correlationId: id = '', eventData } = event;
  const family = /** @type {'run' | 'step' | 'hook' | 'wait'} */ (kind.slice(0, kind.indexOf('_')));
  const state = before ?? { log: [], run: undefined, step: {}, hook: {}, wait: {} };
  const known = family === 'run' ? state.run : state[family][id];
  if (refuse(kind, family, state.run?.status, known, at) === 'again') return { result: { run: state.run } };

  // A start has no data in the log: what it may bring is for a run that is not there.
  const { eventData: _, ...bare } = event;
  const logged = kind === 'run_started' || eventData === undefined ? bare : event;
  const number = String(state.log.length + 1).padStart(10, '0');
  const entry = { ...logged, runId, eventId: `evnt_${runId}_${number}`, createdAt: at };
  const after = { ...state, log: [...state.log, entry] };
  if (kind === 'hook_conflict') return { state: after, result: { event: entry } };

  const entity = { ...known, ...fields(kind, known, event, at), runId, updatedAt: at };
  if (family !== 'hook') entity.status = STATUS[kind];
  if (family === 'run') after.run = entity;
  else after[family] = { ...state[family], [id]: entity };
  const ends = family === 'run' && ENDED.includes(entity.status);
  if (ends) after.hook = {};
  if (kind === 'hook_disposed') delete after.hook[id];
  const tokens = kind === 'hook_created' || kind === 'hook_disposed' || ends;
  return { state: after, result: { event: entry, [family]: entity }, tokens };
}

/** @param {string} kind @param {string} family @param {string | undefined} run @param {any} known @param {Date} at */
function refuse(kind, family, run, known, at) {
  const over = run !== undefined && ENDED.includes(run);
  const starts = kind === 'run_started' || kind === 'step_started';
  if (kind === 'run_created') {
    if (run !== undefined) throw refusal('conflict', 'the run exists');
  } else if (run === undefined) {
    throw refusal('missing', 'the run was not found', 'WorkflowRunNotFoundError');
  } else if (family === 'run') {
    if ((kind === 'run_started' && run === 'running') || (kind === 'run_cancelled' && run === 'cancelled')) return 'again';
    if (over) throw refusal(starts ? 'gone' : 'conflict', `the run is ${run}`);
  } else if (kind.endsWith('_created') || kind === 'hook_conflict') {
    if (over || known) throw refusal('conflict', over ? `the run is ${run}` : `the ${family} exists`);
  } else {
    if (starts && over && !known) throw refusal('gone', `the run is ${run}`);
    if (!known) throw refusal('missing', `the ${family} was not found`);
    if (ENDED.includes(known.status)) throw refusal('conflict', `the ${family} is ${known.status}`);
    if (over && known.status !== 'running') throw refusal(starts ? 'gone' : 'conflict', `the run is ${run}`);
    if (starts && known.retryAfter > at) {
      const error = refusal('early', 'retryAfter is in the future');
      throw Object.assign(error, { retryAfter: (known.retryAfter.getTime() - at.getTime()) / 1000 });
    }
  }
  return 'new';
}

/** What an event sets, besides the status. @param {string} kind @param {any} known @param {Event} event @param {Date} at */
function fields(kind, known, { correlationId, eventData, specVersion }, at) {
  switch (kind) {
    case 'run_created':
      return { ...eventData, specVersion, createdAt: at };
    case 'step_created':
      return { ...eventData, specVersion, createdAt: at, stepId: correlationId, attempt: 0 };
    case 'hook_created':
      return { ...eventData, specVersion, createdAt: at, hookId: correlationId, ownerId: '', projectId: '', environment: '' };
    case 'wait_created':
      return { specVersion, createdAt: at, waitId: correlationId, resumeAt: new Date(eventData.resumeAt) };
    case 'run_started':
      return { startedAt: at };
    case 'step_started':
      return { startedAt: known.startedAt ?? at, attempt: known.attempt + 1, retryAfter: undefined };
    case 'step_retrying':
      return { error: shaped(eventData), retryAfter: eventData.retryAfter && new Date(eventData.retryAfter) };
    case 'run_failed':
    case 'step_failed':
      return { error: shaped(eventData), completedAt: at };
    case 'run_completed':
      return { output: eventData?.output, completedAt: at };
    case 'step_completed':
      return { output: eventData?.result, completedAt: at };
    case 'run_cancelled':
    case 'wait_completed':
      return { completedAt: at };
    default:
      return {};
  }
}

/** @param {any} data */
function shaped({ error, stack, errorCode }) {
  const given = error !== null && typeof error === 'object' ? error : { message: String(error) };
  return { ...given, ...(stack ? { stack } : {}), ...(errorCode ? { code: errorCode } : {}) };
}
