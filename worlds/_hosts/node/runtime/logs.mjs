// @ts-check
/**
 * What the runtime logs. Warnings and errors reach the console by themselves. Info lines go through the `debug`
 * package, which is asked for them here and whose output is one message a line of log, however long.
 */
import { format } from 'node:util';
import { THROWN } from './flows.mjs';

/** Before the runtime is imported. */
export function wantInfo() {
  const asked = process.env.DEBUG;
  process.env.DEBUG = [...(asked ? [asked] : []), 'workflow:*:info'].join(',');
  process.env.DEBUG_HIDE_DATE = 'true';
}

/**
 * Take the lines from `debug`.
 * @param {any} debug the package as the runtime has it
 * @param {import('../logs.mjs').Sink} sink @param {() => string | undefined} actor
 */
export function takeOver(debug, sink, actor) {
  debug.log = function (/** @type {any[]} */ ...args) {
    const level = /:(debug|info)$/.exec(this.namespace ?? '')?.[1];
    if (level === undefined) return; // warnings and errors are on the console already
    const said = args.filter((each) => each !== undefined);
    sink(/** @type {import('../logs.mjs').Level} */ (level), 'runtime', format(...said), actor());
  };
}

/** What the runtime says when a step was started more often than it may be tried. */
const USED_UP = /^\[Workflow\] (?:Step exceeded max retries|Max retries reached)/;

/**
 * Whether an error line reports what user code threw: our workflows throw where they should.
 * @param {string} level @param {string} origin @param {string} text
 */
export function isByDesign(level, origin, text) {
  return level === 'error' && origin === 'runtime' && (USED_UP.test(text) || THROWN.some((said) => text.includes(said)));
}
