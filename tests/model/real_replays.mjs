// Replays logs with the real runtime and says what each comes to, in the words of the model.
//
//   node real_replays.mjs <folder of @workflow/core> < cases.json > answered.json
//
// A case is {workflow, args, log: [[type, call site, data]]}: call sites are numbered in the order in
// which a replay draws their ids; a negative number is an id that nobody draws.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const core = process.argv[2];
const load = (/** @type {string} */ file) => import(pathToFileURL(join(core, 'dist', file)).href);
const { runWorkflow } = await load('workflow.js');
const serialization = await load('serialization.js');

const RUN_ID = 'wrun_01JZZZZZZZZZZZZZZZZZZZZZZZ';
const STARTED_AT = 1_700_000_000_000;
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The workflows of conformance/model/workflows.py, as a bundle the runtime can run. */
const CODE = `
const step = (name, ...args) => globalThis[Symbol.for('WORKFLOW_USE_STEP')](name)(...args);
const sleep = (ms) => globalThis[Symbol.for('WORKFLOW_SLEEP')](ms);
const hook = (token) => globalThis[Symbol.for('WORKFLOW_CREATE_HOOK')]({ token });
const race = (...parts) => Promise.race(parts.map((part, index) => part.then((value) => [index, value])));
const many = (n, make) => Array.from({ length: n }, (_, index) => make(index));
const flows = {
  async empty(payload = null) { return payload; },
  async sequence(n = 2, payload = null) {
    const done = [];
    for (let index = 0; index < n; index++) done.push(await step('work', index, payload));
    return done;
  },
  async fan_out(n = 3, payload = null) { return Promise.all(many(n, (index) => step('work', index, payload))); },
  async fan_out_then(n = 2, payload = null) {
    const branch = async (index) => step('more', index, await step('work', index, payload));
    const done = await Promise.all(many(n, branch));
    return step('last', done);
  },
  async sleep_then_step(ms = 1000, payload = null) { await sleep(ms); return step('work', payload); },
  async sleep_and_step(ms = 1000, payload = null) {
    const [, result] = await Promise.all([sleep(ms), step('work', payload)]);
    return step('last', result);
  },
  async sleeps(n = 2, ms = 1000) { await Promise.all(many(n, (index) => sleep(ms * (index + 1)))); return step('work', n); },
  async hook_only(token) { return await hook(token); },
  async hook_then_step(token) { return step('work', await hook(token)); },
  async hook_or_step(token, payload = null) {
    const made = hook(token);
    const [index, value] = await race(step('work', payload), made);
    made.dispose();
    return step('last', index, value);
  },
  async hook_or_sleep(token, ms = 1000, payload = null) {
    const made = hook(token);
    const [index, value = null] = await race(made, sleep(ms));
    made.dispose();
    return step('last', index, value, payload);
  },
  async hook_sleep_step(token, ms = 1000, payload = null) {
    const made = hook(token);
    const [first] = await race(sleep(ms), step('work', payload));
    return step('last', first, await made);
  },
  async hook_taken(token, payload = null) {
    try { return await hook(token); } catch (error) { return step('work', error.name, payload); }
  },
  async leaves_hooks(tokens, payload = null) {
    const hooks = tokens.map(hook);
    const [, value] = await race(step('work', payload), ...hooks);
    return value;
  },
  async leaves_step(n = 1, payload = null) {
    const [, value] = await race(...many(n + 1, (index) => step('work', index, payload)));
    return value;
  },
  async leaves_sleep(ms = 60000, payload = null) {
    const [, value] = await race(step('work', payload), sleep(ms));
    return value ?? null;
  },
  async failing_step(payload = null) { return step('fatal', payload); },
  async failing_step_caught(payload = null) {
    try { return await step('fatal', payload); } catch (error) { return step('work', error.message); }
  },
  async failing_workflow(n = 1, payload = null) {
    for (let index = 0; index < n; index++) await step('work', index, payload);
    throw new Error('the workflow throws');
  },
};
globalThis.__private_workflows = new Map(Object.entries(flows));
`;

const bytes = (/** @type {unknown} */ value) => serialization.dehydrateStepReturnValue(value, RUN_ID, undefined, []);

/** @param {string} first a ULID @param {number} n */
function plus(first, n) {
  let number = 0n;
  for (const letter of first) number = number * 32n + BigInt(ALPHABET.indexOf(letter));
  number += BigInt(n);
  let text = '';
  for (let at = 0; at < 26; at++, number /= 32n) text = ALPHABET[Number(number % 32n)] + text;
  return text;
}

/** @param {any} given */
async function run(given) {
  const input = await serialization.dehydrateWorkflowArguments(given.args, RUN_ID, undefined, []);
  return {
    runId: RUN_ID, workflowName: given.workflow, status: 'running', deploymentId: 'd',
    input, startedAt: new Date(STARTED_AT), createdAt: new Date(STARTED_AT), updatedAt: new Date(STARTED_AT),
  };
}

/** The first ULID that a replay of this workflow draws: an empty log leaves every call site open. */
async function firstOf(/** @type {any} */ given) {
  try {
    await runWorkflow(CODE, await run(given), [], undefined);
    return '0'.repeat(26);
  } catch (error) {
    if (error.name !== 'WorkflowSuspension') return '0'.repeat(26);
    return error.steps[0].correlationId.split('_')[1];
  }
}

/** @param {any} given @param {string} first */
async function events(given, first) {
  return Promise.all(given.log.map(async (/** @type {[string, number | null, any]} */ [type, site, data], /** @type {number} */ at) => {
    const eventData = { ...data };
    if (type === 'step_completed') eventData.result ??= null;
    if (type === 'hook_received') eventData.payload ??= null;
    for (const field of ['result', 'payload']) if (field in eventData) eventData[field] = await bytes(eventData[field]);
    if ('resumeAt' in eventData) eventData.resumeAt = new Date(eventData.resumeAt);
    const prefix = type.split('_')[0];
    return {
      eventType: type, runId: RUN_ID, eventId: `evnt_${at}`, createdAt: new Date(STARTED_AT + at), eventData,
      ...(site === null ? {} : { correlationId: site < 0 ? `${prefix}_alien` : `${prefix}_${plus(first, site)}` }),
    };
  }));
}

/** @param {any} given */
async function outcome(given) {
  const first = await firstOf(given);
  const site = (/** @type {string} */ id) => {
    for (let n = 0; n < 64; n++) if (plus(first, n) === id.split('_')[1]) return n;
    return -1;
  };
  const late = new Promise((resolve) => setTimeout(() => resolve('late'), 5000).unref());
  try {
    const result = await Promise.race([runWorkflow(CODE, await run(given), await events(given, first), undefined), late]);
    if (result === 'late') return { kind: 'hang' };
    const output = await serialization.hydrateWorkflowReturnValue(result, RUN_ID, undefined, []);
    return { kind: 'completed', output };
  } catch (error) {
    if (error.name === 'WorkflowSuspension') {
      const of = (/** @type {string} */ type) => error.steps.filter((/** @type {any} */ item) => item.type === type);
      return {
        kind: 'suspended',
        steps: of('step').map((/** @type {any} */ item) => [site(item.correlationId), item.stepName, item.args, !!item.hasCreatedEvent]),
        hooks: of('hook').map((/** @type {any} */ item) => [site(item.correlationId), item.token, !!item.hasCreatedEvent, !!item.disposed]),
        waits: of('wait').map((/** @type {any} */ item) => [site(item.correlationId), item.hasCreatedEvent ? item.resumeAt.getTime() : null]),
      };
    }
    if (error.name === 'ReplayDivergenceError') return { kind: 'diverged', at: Number(error.eventId.split('_')[1]) };
    return { kind: 'threw', name: error.name, message: error.message.split('\n')[0] };
  }
}

// The runtime warns of calls left open; what it says is not asked here.
console.warn = console.error = () => {};
const cases = JSON.parse(readFileSync(0, 'utf8'));
const answered = [];
for (let at = 0; at < cases.length; at += 40) {
  answered.push(...(await Promise.all(cases.slice(at, at + 40).map(async (/** @type {any} */ given) => ({ ...given, outcome: await outcome(given) })))));
}
process.stdout.write(JSON.stringify(answered), () => process.exit(0));
