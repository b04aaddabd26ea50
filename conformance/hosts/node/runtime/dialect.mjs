// @ts-check
/**
 * How a release of the runtime tells errors apart, and errors said in the words it understands.
 *
 * Up to 4.2.0-beta.71 a refusal is a `WorkflowAPIError` with a status; from beta.72 on it is known by its name
 * alone. A World of the other dialect is right and not understood. Translating looks past that.
 */
import fs from 'node:fs';

/** @typedef {'status' | 'name'} Dialect */

/** What a release of the runtime knows: each error's name, and the status that it was known by before. */
const KNOWN = /** @type {{name: string, status?: number}[]} */ (
  JSON.parse(fs.readFileSync(new URL('../../errors.json', import.meta.url), 'utf8'))
).filter(({ status }) => status !== undefined);

/** The dialect of a runtime, from what its package of errors exports. @param {object} errors @returns {Dialect} */
export function dialectOf(errors) {
  return 'EntityConflictError' in errors ? 'name' : 'status';
}

/**
 * The same refusal as this runtime knows it; the error itself when it is one already, or no refusal at all.
 * @param {any} error @param {Dialect} dialect @param {string} op
 */
export function translate(error, dialect, op) {
  if (error === null || typeof error !== 'object') return error;
  if (dialect === 'name') {
    if (KNOWN.some(({ name }) => name === error.name) || typeof error.status !== 'number') return error;
    const missing = op.startsWith('hooks.') ? 'HookNotFoundError' : 'WorkflowRunNotFoundError';
    const name = error.status === 404 ? missing : KNOWN.find(({ status }) => status === error.status)?.name;
    return name === undefined ? error : said(error, { name });
  }
  const status = KNOWN.find(({ name }) => name === error.name)?.status;
  return status === undefined ? error : said(error, { name: 'WorkflowAPIError', status });
}

/** @param {any} error @param {object} words */
function said(error, words) {
  const { message, stack, code, retryAfter } = error;
  return Object.assign(new Error(message, { cause: error }), { stack, code, retryAfter, ...words });
}
