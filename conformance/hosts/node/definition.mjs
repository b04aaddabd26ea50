// @ts-check
/**
 * Where a method of the World is written, for a World whose calls are held as a whole: nothing of the package runs
 * before the gate, so no stack says where an operation comes from. The inspector knows where each function begins.
 */
import inspector from 'node:inspector';

import { frame } from './where.mjs';

/** What the inspector is asked about. */
const ASKED = Symbol.for('world-conformance/asked');
/** A function that only binds another one is followed so far. */
const BOUND = 5;

/** @type {WeakMap<Function, import('./where.mjs').Origin | undefined>} */
const known = new WeakMap();
/** The address of each script by its id. @type {Map<string, string>} */
const scripts = new Map();
/** @type {inspector.Session | undefined} */
let session;

/** Ask at once. @param {string} method @param {object} [params] @returns {any} undefined when it cannot be said */
function ask(method, params) {
  let answer;
  session?.post(method, params, (_error, result) => {
    answer = result;
  });
  return answer;
}

function connect() {
  session = new inspector.Session();
  session.on('Debugger.scriptParsed', ({ params }) => void scripts.set(params.scriptId, params.url));
  session.connect();
  ask('Debugger.enable');
}

/** Nothing of the inspector is left, so that the next schedules run as they would without it. */
function disconnect() {
  session?.disconnect();
  session = undefined;
  scripts.clear();
}

/** @param {Function} method @returns {import('./where.mjs').Origin | undefined} */
function look(method) {
  const holder = /** @type {any} */ (globalThis);
  connect();
  try {
    holder[ASKED] = method;
    const expression = "globalThis[Symbol.for('world-conformance/asked')]";
    let { objectId } = ask('Runtime.evaluate', { expression })?.result ?? {};
    for (let left = BOUND; objectId !== undefined && left > 0; left--) {
      /** @type {{name: string, value?: any}[]} */
      const inner = ask('Runtime.getProperties', { objectId, ownProperties: true })?.internalProperties ?? [];
      const value = (/** @type {string} */ name) => inner.find((one) => one.name === name)?.value;
      const place = value('[[FunctionLocation]]')?.value;
      if (place !== undefined) {
        const [found] = frame(`${scripts.get(place.scriptId)}:${place.lineNumber + 1}:${place.columnNumber + 1}`);
        if (found === undefined) return undefined;
        return { where: found.line, compiled: found.line === found.compiled ? undefined : found.compiled };
      }
      objectId = value('[[TargetFunction]]')?.objectId;
    }
    return undefined;
  } finally {
    delete holder[ASKED];
    disconnect();
  }
}

/**
 * Where a method is written; undefined when it is none of the package's.
 * @param {any} world @param {string} op its path, such as `events.create`
 */
export function definition(world, op) {
  const method = op.split('.').reduce((at, name) => at?.[name], world);
  if (typeof method !== 'function') return undefined;
  if (!known.has(method)) known.set(method, look(method));
  return known.get(method);
}
