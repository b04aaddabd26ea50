// @ts-check
/**
 * Where in the World's package an operation comes from, as `file:line` of the source that its authors write.
 *
 * It is the innermost line that is not in a helper: a file which several files of the package use says how something
 * is written, not what for. All lines that led to the operation are said beside it.
 *
 * Often the package is on the stack. Libraries that start their query from a thenable or a queue (drizzle
 * on pg) are not called by the package any more; then the chain of asynchronous resources leads back to
 * where the first of them was made. That is slow, so it is kept only while a call asked for it.
 */
import { createHook, executionAsyncId } from 'node:async_hooks';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @typedef {{line: string, compiled: string, helps: boolean}} Frame
 * @typedef {object} Origin
 * @property {string} where `file:line`, the path from the package's folder
 * @property {string} [compiled] the same in the file that runs, where a source map told `where`
 * @property {string[]} [frames] lines of the package on the way, the innermost first, `where` among them
 */

/** Frames looked at, per stack. */
const DEPTH = 60;
/** Resources followed back from a gate. */
const FURTHEST = 400;
/** Lines of the package that are said of one operation. */
const SHOWN = 8;

/** @type {Map<number, {error: {stack?: string}, trigger: number, execution: number}>} */
const resources = new Map();
/** The package's folder as a path, and as the URL that frames of ES modules have: a blank is %20 there. */
let folders = ['', ''];
/** Reads source maps. @type {typeof import('./sources.mjs') | undefined} */
let sources;
let users = 0;

function capture() {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = DEPTH;
  /** @type {{stack?: string}} */
  const error = {};
  Error.captureStackTrace(error, capture); // formatted only when it is read
  Error.stackTraceLimit = limit;
  return error;
}

const hook = createHook({
  init(id, _type, trigger) {
    resources.set(id, { error: capture(), trigger, execution: executionAsyncId() });
  },
});

/**
 * The frames inside the package, the innermost first.
 * @param {string | undefined} stack @returns {Frame[]}
 */
function frames(stack) {
  return (stack ?? '').split('\n').flatMap(frame);
}

/**
 * The place that a line of a stack names, if it is inside the package.
 * @param {string} line @returns {Frame[]}
 */
export function frame(line) {
  const folder = folders.find((each) => line.includes(each));
  if (folder === undefined) return [];
  const inside = line.slice(line.indexOf(folder) + folder.length + 1);
  const parts = /^(.*?)(?:\?[^:]*)?:(\d+):(\d+)/.exec(inside);
  if (parts === null || inside.includes('node_modules/')) return [];
  const file = folder === folders[0] ? parts[1] : decodeURI(parts[1]);
  const whole = path.join(folders[0], file);
  const compiled = `${file}:${parts[2]}`;
  const source = sources?.original(folders[0], whole, Number(parts[2]), Number(parts[3]));
  return [{ line: source ?? compiled, compiled, helps: sources?.isShared(whole) ?? false }];
}

/**
 * Where the running code comes from; undefined when no frame of the package leads here.
 * @returns {Origin | undefined}
 */
export function where() {
  const passed = frames(capture().stack);
  const queue = [executionAsyncId()];
  const seen = new Set(queue);
  // Helpers alone do not say who called: the resources lead further back.
  for (let next = queue.shift(); next !== undefined && seen.size < FURTHEST; next = queue.shift()) {
    if (passed.some((one) => !one.helps)) break;
    const resource = resources.get(next);
    if (resource === undefined) continue;
    passed.push(...frames(resource.error.stack));
    for (const id of [resource.trigger, resource.execution]) {
      if (!seen.has(id)) queue.push(id);
      seen.add(id);
    }
  }
  const own = passed.find((one) => !one.helps) ?? passed[0];
  if (own === undefined) return undefined;
  // Inside the line the helpers that did it, outside it only who called: no wrapper that all calls go through.
  const at = passed.indexOf(own);
  const told = passed.filter((one, index) => index <= at || !one.helps);
  const lines = [...new Set(told.map(({ line }) => line))].slice(-SHOWN);
  return {
    where: own.line,
    compiled: own.line === own.compiled ? undefined : own.compiled,
    frames: lines.length > 1 ? lines : undefined,
  };
}

/**
 * Look for frames in this package, and tell them by its sources.
 * @param {{folder: string, entry: string}} found @param {typeof import('./sources.mjs')} [from]
 */
export function lookIn({ folder, entry }, from) {
  folders = [folder, pathToFileURL(folder).href];
  sources = from;
  sources?.beginAt(entry);
}

/** A call wants to know where its operations come from. */
export function follow() {
  if (users++ === 0) hook.enable();
}

/** That call is answered. */
export function unfollow() {
  if (--users > 0) return;
  hook.disable();
  resources.clear();
}
