// @ts-check
/** Calls that are sent together: what each takes from the answers of earlier ones (`docs/host-protocol.md`). */

/** @typedef {(string | number)[]} Path */
/**
 * What goes into the arguments `at` a place: the text at `path` in the answer of that number, or a time.
 * @typedef {{at: Path, answer: number, path: Path, text?: any} | {at: Path, ms: number}} Put
 * @typedef {{put?: Put[], after?: string}} Planned
 */

/** @param {any} value @param {Path} path */
function at(value, path) {
  return path.reduce((inside, key) => inside?.[key], value);
}

/**
 * An answer is there: what later calls take from it is kept, for the World may change what it gave.
 * @param {Planned[]} calls @param {number} nth the number of the answer @param {{value?: any}} answer as it is sent
 */
export function keep(calls, nth, answer) {
  for (const { put } of calls) {
    for (const each of put ?? []) if ('answer' in each && each.answer === nth) each.text = at(answer.value, each.path);
  }
}

/**
 * Whether a call can be made now: there is one, the call before it ended as it must, and all that it takes is there.
 * @param {Planned | undefined} call @param {string} ended how the call before it did
 */
export function canFollow(call, ended) {
  if (call === undefined) return false;
  if (call.after !== undefined && ended !== call.after) return false;
  return call.put?.every((put) => 'ms' in put || typeof put.text === 'string') ?? true;
}

/**
 * Put into the arguments of a call what it takes from earlier answers, and times.
 * @param {any[]} args @param {Put[] | undefined} puts @param {number} now in ms since 1970
 */
export function fill(args, puts, now) {
  for (const put of puts ?? []) {
    const value = 'ms' in put ? new Date(now + put.ms) : put.text;
    const key = /** @type {string | number} */ (put.at.at(-1));
    at(args, put.at.slice(0, -1))[key] = value;
  }
}
