// Delivers messages to the real handlers over a world that answers as told, and says what they did.
//
//   node handlers.mjs <folder of @workflow/core> < cases.json > answered.json
//
// A case is one delivery: {message: 'workflow' | 'step', workflow, args, log, attempt, refusals, run?, step?, body?}.
// `refusals` names, by event type, how the world refuses it (`list` for the log).

import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CODE, events, RUN_ID, site, STARTED_AT } from './flows.mjs';

process.env.DEBUG = 'workflow:*';
const NOW = STARTED_AT + 60_000;
Date.now = () => NOW;

/** @typedef {{given: any, first: string, asked: string[], queued: any[], logs: string[]}} Delivery */
/** @type {AsyncLocalStorage<Delivery>} */
const deliveries = new AsyncLocalStorage();
const current = () => /** @type {Delivery} */ (deliveries.getStore());

// Every level goes through `debug` to stderr; warnings and errors also to the console, which is one too many.
console.warn = console.error = () => {};
process.stderr.write = (/** @type {any} */ chunk) => {
  const level = /workflow:(?:runtime|step):(info|warn|error) /.exec(String(chunk))?.[1];
  if (level !== undefined) deliveries.getStore()?.logs.push(level);
  return true;
};

const core = process.argv[2];
const load = (/** @type {string} */ file) => import(pathToFileURL(join(core, 'dist', file)).href);
const serialization = await load('serialization.js');
const bytes = (/** @type {unknown} */ value) => serialization.dehydrateStepReturnValue(value, RUN_ID, undefined, []);

/** @type {Record<string, () => unknown>} */
const REFUSALS = {
  conflict: () => Object.assign(new Error('taken'), { name: 'EntityConflictError' }),
  gone: () => Object.assign(new Error('finished'), { name: 'RunExpiredError' }),
  not_found: () => Object.assign(new Error('no such hook'), { name: 'HookNotFoundError' }),
  too_early: () => Object.assign(new Error('not yet'), { name: 'TooEarlyError', retryAfter: 7 }),
  throttled: () => Object.assign(new Error('slowly'), { name: 'ThrottleError', retryAfter: 3 }),
  unexpected: () => new Error('boom'),
  contract: () => Object.assign(new Error('Schema validation failed for x'), { name: 'WorkflowWorldError' }),
};

/** @type {Record<string, (message: any, metadata: any) => Promise<any>>} */
const handlers = {};
const world = {
  specVersion: 2,
  createQueueHandler(/** @type {string} */ prefix, /** @type {any} */ handler) {
    handlers[prefix] = handler;
    return async () => new Response();
  },
  async queue(/** @type {string} */ name, /** @type {any} */ message, /** @type {any} */ options) {
    const step = name.startsWith('__wkf_step_');
    const count = message.replayDivergence?.count ?? null;
    current().queued.push(step
      ? ['step', site(current().first, message.stepId), options?.idempotencyKey === message.stepId]
      : ['workflow', count, options?.idempotencyKey !== undefined]);
    return { messageId: 'msg_1' };
  },
  events: {
    async create(/** @type {string} */ _runId, /** @type {any} */ event) {
      const { given, asked } = current();
      asked.push(event.eventType);
      const refusal = given.refusals[event.eventType];
      if (refusal === 'hook_conflict') return { event: { ...event, eventType: 'hook_conflict' } };
      if (refusal !== undefined) throw REFUSALS[refusal]();
      return { event, run: await run(given), step: await step(given) };
    },
    async list() {
      const { given, asked, first } = current();
      asked.push('list');
      if (given.refusals.list !== undefined) throw REFUSALS[given.refusals.list]();
      return { data: await events(given, first, bytes), cursor: null, hasMore: false };
    },
  },
};
/** @type {any} */ (globalThis)[Symbol.for('@workflow/world//cache')] = world;
/** @type {any} */ (globalThis)[Symbol.for('@workflow/world//stubbedCache')] = world;

/** @param {any} given */
async function run(given) {
  if (given.run === null) return undefined;
  return {
    runId: RUN_ID, workflowName: given.workflow, status: 'running', deploymentId: 'd', specVersion: 2,
    input: await serialization.dehydrateWorkflowArguments(given.args, RUN_ID, undefined, []),
    startedAt: new Date(STARTED_AT), createdAt: new Date(STARTED_AT), updatedAt: new Date(STARTED_AT), ...given.run,
  };
}

/** @param {any} given */
async function step(given) {
  if (given.step === null) return undefined;
  const input = await serialization.dehydrateStepArguments({ args: [] }, RUN_ID, undefined);
  return { runId: RUN_ID, stepId: 'step_1', status: 'running', attempt: 1, startedAt: new Date(STARTED_AT), input, ...given.step };
}

const { workflowEntrypoint } = await load('runtime.js');
const { registerStepFunction } = await load('private.js');
const { runWorkflow } = await load('workflow.js');
await load('runtime/step-handler.js');
workflowEntrypoint(CODE);
registerStepFunction('work', async () => 'done');
registerStepFunction('fatal', async () => { throw Object.assign(new Error('for good'), { name: 'FatalError', fatal: true }); });
registerStepFunction('retry', async () => { throw new Error('again'); });

/** The first ULID that a replay of this workflow draws: an empty log leaves every call site open. */
async function firstOf(/** @type {any} */ given) {
  try {
    await runWorkflow(CODE, await run({ ...given, run: {} }), [], undefined);
  } catch (/** @type {any} */ error) {
    if (error.name === 'WorkflowSuspension') return error.steps[0].correlationId.split('_')[1];
  }
  return '0'.repeat(26);
}

/** @param {any} given */
async function outcome(given) {
  const first = await firstOf(given);
  return deliveries.run({ given, first, asked: [], queued: [], logs: [] }, async () => {
    const name = given.message === 'step' ? given.stepName : given.workflow;
    const prefix = given.message === 'step' ? '__wkf_step_' : '__wkf_workflow_';
    const message = given.message === 'step'
      ? { workflowName: given.workflow, workflowRunId: RUN_ID, workflowStartedAt: STARTED_AT, stepId: 'step_1' }
      : { runId: RUN_ID, ...given.body };
    let later = null;
    let failed = false;
    try {
      const result = await handlers[prefix](message, { attempt: given.attempt, queueName: prefix + name, messageId: 'msg_0' });
      later = result?.timeoutSeconds ?? null;
    } catch {
      failed = true;
    }
    // A batch whose first error is out goes on in the background.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const { asked, queued, logs } = current();
    return { asked, queued, logs, later, failed };
  });
}

const cases = JSON.parse(readFileSync(0, 'utf8'));
const answered = [];
for (let at = 0; at < cases.length; at += 40) {
  answered.push(...(await Promise.all(cases.slice(at, at + 40).map(async (/** @type {any} */ given) => ({ ...given, outcome: await outcome(given) })))));
}
process.stdout.write(JSON.stringify(answered), () => process.exit(0));
