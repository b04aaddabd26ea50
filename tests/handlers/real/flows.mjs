// What both recorders share: a run, its workflows as the runtime's bundle, and ids by number.

export const RUN_ID = 'wrun_01JZZZZZZZZZZZZZZZZZZZZZZZ';
export const STARTED_AT = 1_700_000_000_000;
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The workflows of conformance/handlers/workflows.py, as a bundle the runtime can run. */
export const CODE = `
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
    try { return await hook(token); } catch (/** @type {any} */ error) { return step('work', error.name, payload); }
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
    try { return await step('fatal', payload); } catch (/** @type {any} */ error) { return step('work', error.message); }
  },
  async failing_workflow(n = 1, payload = null) {
    for (let index = 0; index < n; index++) await step('work', index, payload);
    throw new Error('the workflow throws');
  },
};
globalThis.__private_workflows = new Map(Object.entries(flows));
`;

/**
 * The ULID that is `n` draws after the first.
 * @param {string} first @param {number} n
 */
export function plus(first, n) {
  let number = 0n;
  for (const letter of first) number = number * 32n + BigInt(ALPHABET.indexOf(letter));
  number += BigInt(n);
  let text = '';
  for (let at = 0; at < 26; at++, number /= 32n) text = ALPHABET[Number(number % 32n)] + text;
  return text;
}

/**
 * Which draw an id is, -1 for an id that nobody draws.
 * @param {string} first @param {string} id
 */
export function site(first, id) {
  for (let n = 0; n < 64; n++) if (plus(first, n) === id.split('_')[1]) return n;
  return -1;
}

/**
 * The log of a case as the runtime reads it.
 * @param {{log: [string, number | null, any][]}} given @param {string} first
 * @param {(value: unknown) => Promise<unknown>} bytes how a value is stored
 */
export async function events(given, first, bytes) {
  return Promise.all(given.log.map(async ([type, at, data], index) => {
    const eventData = { ...data };
    if (type === 'step_completed') eventData.result ??= null;
    if (type === 'hook_received') eventData.payload ??= null;
    for (const field of ['result', 'payload']) if (field in eventData) eventData[field] = await bytes(eventData[field]);
    if ('resumeAt' in eventData) eventData.resumeAt = new Date(eventData.resumeAt);
    const prefix = type.split('_')[0];
    return {
      eventType: type, runId: RUN_ID, eventId: `evnt_${index}`, createdAt: new Date(STARTED_AT + index), eventData,
      ...(at === null ? {} : { correlationId: at < 0 ? `${prefix}_alien` : `${prefix}_${plus(first, at)}` }),
    };
  }));
}
