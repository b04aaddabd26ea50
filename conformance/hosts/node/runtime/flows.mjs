// @ts-check
/**
 * The workflows and steps of level `runtime`: those of `conformance/handlers/workflows.py`, under the same names and
 * with the same meaning, as a bundle that `@workflow/core` runs. No bundler: the text sets the one global that a
 * bundle sets, and takes steps, sleeps and hooks from where the runtime puts them.
 */

/** What user code throws in these flows, and nobody else does: a log line with it is one by design. */
export const THROWN = ['the workflow throws', 'failed for good', 'failed at attempt'];

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
  async stamped_step(payload = null) { return step('stamped', payload); },
  async retrying_step(failures = 1) { return step('retry', { failures }); },
  async failing_step(payload = null) { return step('fatal', payload); },
  async failing_step_caught(payload = null) {
    try { return await step('fatal', payload); } catch (/** @type {any} */ error) { return step('work', error.message); }
  },
  async flow(plan, tokens = [], payload = null) {
    const hooks = tokens.map(hook);
    const reads = [];
    // Whoever gave up waiting for a payload has not taken it: the next reader waits for the same one.
    const received = async (number) => {
      const read = (reads[number] ??= Promise.resolve(hooks[number]));
      const value = await read;
      if (reads[number] === read) reads[number] = undefined;
      return value;
    };
    const all = (branches, at) => Promise.all(branches.map((inner, index) => branch(inner, at + '.' + index)));
    const one = async (part, at) => {
      if (typeof part === 'string') return step(part, at, payload);
      if (part.sleep !== undefined) return (await sleep(part.sleep)) ?? null;
      if (part.hook !== undefined) return received(part.hook);
      if (part.race) return race(...part.race.map((inner, index) => branch(inner, at + '.' + index)));
      if (part.all) return all(part.all, at);
      for (let index = 0; index < (part.turns ?? 0); index++) await null;
      const done = [];
      for (let index = 0; index < (part.loop ?? 0); index++) done.push(await branch(part.do, at + '.' + index));
      return done;
    };
    const branch = async (parts, at) => {
      const done = [];
      for (let index = 0; index < parts.length; index++) done.push(await one(parts[index], at + '.' + index));
      return done;
    };
    const done = await all(plan.branches, 'flow');
    for (const made of hooks) made.dispose();
    return done;
  },
  async failing_workflow(n = 1, payload = null) {
    for (let index = 0; index < n; index++) await step('work', index, payload);
    throw new Error('the workflow throws');
  },
};
globalThis.__private_workflows = new Map(Object.entries(flows));
`;

/**
 * The bodies of the steps. They take no time; `ran` is called for each execution and returns its attempt.
 * @param {(name: string) => number} ran
 * @returns {Record<string, (...args: any[]) => Promise<any>>}
 */
export function steps(ran) {
  /** @param {string} name @param {boolean} stamped */
  const returning = (name, stamped = false) => async (/** @type {any[]} */ ...args) => {
    const attempt = ran(name);
    return stamped ? { step: name, args, attempt } : { step: name, args };
  };
  return {
    work: returning('work'),
    more: returning('more'),
    last: returning('last'),
    stamped: returning('stamped', true),
    retry: async (...args) => {
      const attempt = ran('retry');
      if (attempt <= (args[0]?.failures ?? 1)) throw new Error(`retry failed at attempt ${attempt}`);
      return { step: 'retry', args };
    },
    fatal: async () => {
      ran('fatal');
      throw Object.assign(new Error('fatal failed for good'), { name: 'FatalError', fatal: true });
    },
  };
}
