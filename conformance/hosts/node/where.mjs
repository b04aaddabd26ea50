// @ts-check
/**
 * Where in the World's package an operation comes from, as `file:line`.
 *
 * Often the package is on the stack. Libraries that start their query from a thenable or a queue (drizzle
 * on pg) are not called by the package any more; then the chain of asynchronous resources leads back to
 * where the first of them was made. That is slow, so it is kept only while a call asked for it.
 */
import { createHook, executionAsyncId } from 'node:async_hooks';
import { pathToFileURL } from 'node:url';

/** Frames looked at, per stack. */
const DEPTH = 60;
/** Resources followed back from a gate. */
const FURTHEST = 400;

/** @type {Map<number, {error: {stack?: string}, trigger: number, execution: number}>} */
const resources = new Map();
/** The package's folder as a path, and as the URL that frames of ES modules have: a blank is %20 there. */
let folders = ['', ''];
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

/** The innermost frame inside the package. @param {string | undefined} stack */
function frame(stack) {
  for (const line of (stack ?? '').split('\n')) {
    const folder = folders.find((each) => line.includes(each));
    if (folder === undefined) continue;
    const inside = line.slice(line.indexOf(folder) + folder.length + 1);
    if (inside.includes('node_modules/')) continue;
    const found = /^(.*?)(?:\?[^:]*)?:(\d+):\d+/.exec(inside);
    if (found !== null) return `${folder === folders[0] ? found[1] : decodeURI(found[1])}:${found[2]}`;
  }
  return undefined;
}

/** Where the running code comes from; undefined when no frame of the package leads here. */
export function where() {
  const direct = frame(capture().stack);
  if (direct !== undefined) return direct;
  const queue = [executionAsyncId()];
  const seen = new Set(queue);
  for (let next = queue.shift(); next !== undefined && seen.size < FURTHEST; next = queue.shift()) {
    const resource = resources.get(next);
    if (resource === undefined) continue;
    const found = frame(resource.error.stack);
    if (found !== undefined) return found;
    for (const id of [resource.trigger, resource.execution]) {
      if (!seen.has(id)) queue.push(id);
      seen.add(id);
    }
  }
  return undefined;
}

/** Look for frames in this folder. @param {string} path */
export function lookIn(path) {
  folders = [path, pathToFileURL(path).href];
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
