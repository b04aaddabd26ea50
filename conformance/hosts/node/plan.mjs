// @ts-check
/** Calls that are sent together: what each takes from the answers of earlier ones (`docs/host-protocol.md`). */

/** @typedef {(string | number)[]} Path */
/** @typedef {{at: Path, answer: number, path: Path} | {at: Path, ms: number}} Put a text of that answer, or a time */
/** @typedef {{type: string, value?: any}} Answer as it is sent */

/** @param {any} value @param {Path} path */
function at(value, path) {
  return path.reduce((inside, key) => inside?.[key], value);
}

/**
 * Whether a call can be made now: there is one, the call before it ended as it must, and all that it takes is there.
 * @param {{put?: Put[], after?: string} | undefined} call @param {Answer[]} answers
 */
export function canFollow(call, answers) {
  if (call === undefined) return false;
  if (call.after !== undefined && answers.at(-1)?.type !== call.after) return false;
  return call.put?.every((put) => 'ms' in put || typeof at(answers[put.answer]?.value, put.path) === 'string') ?? true;
}

/**
 * Put into the arguments of a call what it takes from earlier answers, and times.
 * @param {any[]} args @param {Put[] | undefined} puts @param {Answer[]} answers @param {number} now in ms since 1970
 */
export function fill(args, puts, answers, now) {
  for (const put of puts ?? []) {
    const value = 'ms' in put ? new Date(now + put.ms) : at(answers[put.answer].value, put.path);
    const key = /** @type {string | number} */ (put.at.at(-1));
    at(args, put.at.slice(0, -1))[key] = value;
  }
}
