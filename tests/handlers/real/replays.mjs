// Replays logs with the real runtime and says what each comes to, in the words of the model.
//
//   node replays.mjs <folder of @workflow/core> < cases.json > answered.json
//
// A case is {workflow, args, log: [[type, call site, data]]}: call sites are numbered in the order in
// which a replay draws their ids; a negative number is an id that nobody draws.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CODE, events, RUN_ID, site, STARTED_AT } from './flows.mjs';

const core = process.argv[2];
const load = (/** @type {string} */ file) => import(pathToFileURL(join(core, 'dist', file)).href);
const { runWorkflow } = await load('workflow.js');
const serialization = await load('serialization.js');

const bytes = (/** @type {unknown} */ value) => serialization.dehydrateStepReturnValue(value, RUN_ID, undefined, []);

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
  } catch (/** @type {any} */ error) {
    if (error.name !== 'WorkflowSuspension') return '0'.repeat(26);
    return error.steps[0].correlationId.split('_')[1];
  }
}

/** @param {any} given */
async function outcome(given) {
  const first = await firstOf(given);
  const late = new Promise((resolve) => setTimeout(() => resolve('late'), 5000).unref());
  try {
    const result = await Promise.race([runWorkflow(CODE, await run(given), await events(given, first, bytes), undefined), late]);
    if (result === 'late') return { kind: 'hang' };
    const output = await serialization.hydrateWorkflowReturnValue(result, RUN_ID, undefined, []);
    return { kind: 'completed', output };
  } catch (/** @type {any} */ error) {
    if (error.name === 'WorkflowSuspension') {
      const of = (/** @type {string} */ type) => error.steps.filter((/** @type {any} */ item) => item.type === type);
      return {
        kind: 'suspended',
        steps: of('step').map((/** @type {any} */ item) => [site(first, item.correlationId), item.stepName, item.args, !!item.hasCreatedEvent]),
        hooks: of('hook').map((/** @type {any} */ item) => [site(first, item.correlationId), item.token, !!item.hasCreatedEvent, !!item.disposed]),
        waits: of('wait').map((/** @type {any} */ item) => [site(first, item.correlationId), item.hasCreatedEvent ? item.resumeAt.getTime() : null]),
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
