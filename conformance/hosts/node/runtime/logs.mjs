// @ts-check
/**
 * What the runtime logs, one message a line of log, however long. With 4.x warnings and errors reach the console by
 * themselves, and info lines go through the `debug` package, which is asked for them here. 5.x composes several
 * lines for people; what `DEBUG` asks it for goes to `console.debug`, with the data that belongs to it.
 */
import { inspect } from 'node:util';
import { THROWN } from './flows.mjs';

/** @typedef {import('../logs.mjs').Level} Level */

/** Before the runtime is imported. */
export function wantInfo() {
  const asked = process.env.DEBUG;
  process.env.DEBUG = [...(asked ? [asked] : []), 'workflow:*:info', 'workflow:*:warn', 'workflow:*:error'].join(',');
  process.env.DEBUG_HIDE_DATE = 'true';
}

/** Only the first line of a stack is kept: the rest is the same for every line of its kind. @param {any} data */
function brief(data) {
  if (data === null || typeof data !== 'object') return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, /stack$/i.test(key) && typeof value === 'string' ? value.split('\n', 1)[0] : value]),
  );
}

/** @param {any[]} parts a message, and maybe data about it */
function line(parts) {
  const said = parts.filter((part) => part !== undefined && part !== '');
  return said.map((part) => (typeof part === 'string' ? part : inspect(brief(part), { breakLength: Infinity }))).join(' ');
}

/**
 * Take the lines of the runtime from the console and from `debug`.
 * @param {any} debug the package as the runtime has it
 * @param {import('../logs.mjs').Sink} sink @param {() => string | undefined} actor
 */
export function takeOver(debug, sink, actor) {
  debug.log = function (/** @type {any[]} */ first, /** @type {any[]} */ ...data) {
    const level = /:(debug|info)$/.exec(this.namespace ?? '')?.[1];
    if (level === undefined) return; // warnings and errors are on the console already
    sink(/** @type {Level} */ (level), 'runtime', line([String(first).trim(), ...data]), actor());
  };
  for (const level of /** @type {Level[]} */ (['warn', 'error'])) {
    /** @type {any} */
    const all = console;
    const before = all[level];
    all[level] = (/** @type {any[]} */ ...parts) => {
      const first = String(parts[0]);
      if (first.startsWith('[workflow-sdk]')) return; // it comes with its data, below
      if (!first.startsWith('[Workflow]')) return before(...parts);
      sink(level, 'runtime', line(parts), actor());
    };
  }
  const { debug: before } = console;
  console.debug = (/** @type {any[]} */ first, /** @type {any[]} */ ...data) => {
    const found = /^\[(workflow:[\w-]+):(debug|info|warn|error)\] /.exec(String(first));
    if (found === null) return before(first, ...data);
    const level = /** @type {Level} */ (found[2]);
    const name = level === 'warn' || level === 'error' ? '[workflow-sdk]' : found[1];
    sink(level, 'runtime', line([`${name} ${String(first).slice(found[0].length)}`, ...data]), actor());
  };
}

/** What the runtime says when a step was started more often than it may be tried. */
const USED_UP = /^\[(?:Workflow|workflow-sdk)\] (?:Step exceeded max retries|Max retries reached)/;

/**
 * Whether an error line reports what user code threw: our workflows throw where they should.
 * @param {string} level @param {string} origin @param {string} text
 */
export function isByDesign(level, origin, text) {
  return level === 'error' && origin === 'runtime' && (USED_UP.test(text) || THROWN.some((said) => text.includes(said)));
}
