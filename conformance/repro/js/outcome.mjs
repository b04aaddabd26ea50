// @ts-check
/** What came of it, as facts, and whether some order of the calls explains them. */
import { named } from './print.mjs';

/** @typedef {(op: string, ...args: any[]) => Promise<any>} Read */

const UNREADABLE = 'cannot be read';

/** An answer in words. @param {Record<string, any>} answer @param {string} [kind] of event @returns {string} */
export function inWords({ value, error }, kind = '') {
  if (error) {
    const said = error.message.toLowerCase().replace(/\.+$/, '');
    const row = REFUSALS.find(({ name, message = '' }) => name === error.name && said.endsWith(message));
    const known = row ?? REFUSALS.find(({ status }) => status !== undefined && status === error.status);
    return known?.answer || `unexpected error ${error.name}`;
  }
  STREAMS: if (value?.chunks) return `${value.chunks.join(', ') || 'nothing'}, ${value.done ? 'the end' : 'no end'}`;
  if (value?.event?.eventType === 'hook_conflict') return 'hook_conflict event';
  return kind === 'step_started' && value?.step ? `success, attempt ${value.step.attempt}` : 'success';
}

/** JSON with its keys in order. @param {any} value @returns {string} */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object' || typeof value.toJSON === 'function') return JSON.stringify(value) ?? 'null';
  const keys = Object.keys(value).filter((key) => value[key] !== undefined).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

/** `startedAt` values that some caller got, by run. @type {Record<string, Set<number>>} */
const started = {};

/** @param {any} run */
export function noteStart(run) {
  if (run?.startedAt) (started[named(run.runId)] ??= new Set()).add(Number(new Date(run.startedAt)));
}

export function forgetStarts() {
  for (const name of Object.keys(started)) delete started[name];
}

/** What is stored now. @param {Read} read @returns {Promise<Facts>} */
export async function stored(read) {
  /** @type {Facts} */
  const facts = {};
  for (const name of RUNS) {
    try {
      await storedOf(name, read, facts);
    } catch (error) {
      facts[name] = UNREADABLE;
      console.log(`${name} ${UNREADABLE}: ${named(String(/** @type {any} */ (error).message)).replace(/\s+/g, ' ')}`);
    }
  }
  for (const name of TOKENS) {
    const hook = await read('hooks.getByToken', id[name]).catch(() => null);
    facts[name] = hook ? `held by ${named(hook.runId)}` : 'free';
  }
  for (const [name, times] of Object.entries(started)) facts[`startedAt of ${name}`] = `${times.size} value${times.size > 1 ? 's' : ''}`;
  return facts;
}

/** @param {string} name of the run @param {Read} read @param {Facts} facts */
async function storedOf(name, read, facts) {
  const runId = id[name];
  const run = await read('runs.get', runId);
  noteStart(run);
  facts[name] = run.status + (run.status === 'completed' ? `, output ${canonical(run.output)}` : '');
  const few = { runId, pagination: { sortOrder: 'asc', limit: 100 } };
  for (const step of (await read('steps.list', few)).data) {
    const result = step.status === 'completed' ? `, result ${canonical(step.output)}` : '';
    facts[named(step.stepId)] = `${step.status}, attempt ${step.attempt}${result}`;
  }
  for (const hook of (await read('hooks.list', few)).data) facts[`${named(hook.hookId)} of ${name}`] = 'alive';
  /** @type {Record<string, number>} */
  const counts = {};
  /** @type {string[]} */
  const order = [];
  /** @type {Record<string, any>} */
  const results = {};
  for (let cursor, more = true; more; ) {
    const page = await read('events.list', { runId, pagination: { sortOrder: 'asc', limit: 1000, ...(cursor && { cursor }) } });
    for (const event of page.data) {
      const what = named([event.eventType, event.correlationId].filter(Boolean).join(' '));
      order.push(what);
      const key = `log of ${name}: ${what}`;
      counts[key] = (counts[key] ?? 0) + 1;
      if (event.eventType === 'step_completed') results[named(event.correlationId)] ??= event.eventData?.result;
      if (event.eventType === 'run_completed') results[name] ??= event.eventData?.output;
    }
    cursor = page.cursor;
    more = Boolean(page.hasMore && cursor);
  }
  const inOrder = `order of the log of ${name}`;
  if (WRONG[inOrder]) facts[inOrder] = order.join(', ');
  for (const [of, result] of Object.entries(results)) {
    const held = facts[of] ?? '';
    const tells = held.startsWith('completed') && !held.endsWith(' null') && (result ?? null) !== null;
    if (tells && !held.endsWith(` ${canonical(result)}`)) facts[`log of ${name}: result of ${of}`] = 'not the stored one';
  }
  // A replay shrugs a second one of these off.
  for (const [key, count] of Object.entries(counts)) facts[key] = /: run_(started|cancelled)$/.test(key) ? '1 x' : `${count} x`;
}

/** What differs from one right outcome. @param {Facts} right @param {Facts} facts */
function differences(right, facts) {
  const keys = [...new Set([...Object.keys(right), ...Object.keys(facts)])];
  return keys.filter((key) => {
    const [wanted, got] = [right[key] ?? 'none', facts[key] ?? 'none'];
    return wanted !== got && !wanted.split(' or ').includes(got);
  });
}

/** Say what is wrong, if anything. True when it is. @param {Facts} facts @param {boolean} inTime whether calls
 * came one before another as recorded @returns {boolean} */
export function judge(facts, inTime) {
  const asRecorded = Object.entries(WRONG).every(([key, value]) => (facts[key] ?? 'none') === value);
  if (EITHER.length === 0) {
    console.log(`\n${asRecorded ? `WRONG: ${BROKEN}` : 'Not reproduced: what came of it is not what was recorded.'}`);
    return asRecorded;
  }
  const rights = [...EITHER, ...(inTime ? [] : OVERLAPPED)].map((some) => ({ ...ALWAYS, ...some }));
  const [nearest] = rights.sort((one, other) => differences(one, facts).length - differences(other, facts).length);
  const wrong = differences(nearest, facts);
  if (wrong.length > 0) console.log('\nThe nearest right outcome differs in');
  for (const key of wrong) console.log(`  ${key}: ${facts[key] ?? 'none'}; right is ${nearest[key] ?? 'none'}`);
  if (wrong.length === 0) console.log('\nNot reproduced: an order of these calls explains all of it.');
  else console.log(`\nWRONG${asRecorded ? '' : ', though not as recorded'}: ${asRecorded ? BROKEN : 'no order of these calls explains this'}`);
  return wrong.length > 0;
}
