// @ts-check
/**
 * Timers that a World sets for a live reader. They go off when the reader's time passes: in a schedule that is an
 * operation of somebody, and not a matter of how fast the machine is.
 */
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';

/** What is to be done later than this (ms) is no polling: a time limit of a driver, say. */
const LONGEST = 1_000;

/** One timer, as who set it has it. */
class ReaderTimer {
  /** @param {ReaderTimers} all @param {(...args: any[]) => any} code @param {any[]} args @param {boolean} again */
  constructor(all, code, args, again) {
    this.all = all;
    this.code = code;
    this.args = args;
    this.again = again;
    all.pending.add(this);
  }

  ref() {
    return this;
  }

  unref() {
    return this;
  }

  hasRef() {
    return true;
  }

  refresh() {
    this.all.pending.add(this);
    return this;
  }

  close() {
    this.all.pending.delete(this);
    return this;
  }

  [Symbol.dispose]() {
    this.close();
  }
}

/** The timers of one reader. */
export class ReaderTimers {
  constructor() {
    /** @type {Set<ReaderTimer>} */
    this.pending = new Set();
  }

  /** Let each go off once. What they gave, and may still be at. @returns {any[]} */
  fire() {
    return [...this.pending].map((timer) => {
      if (!this.pending.has(timer)) return undefined; // another one has cleared it
      if (!timer.again) timer.close();
      return timer.code(...timer.args);
    });
  }

  clear() {
    this.pending.clear();
  }
}

/**
 * From now on timers are those of a reader where code runs for one.
 * @param {() => ReaderTimers | undefined} mine
 */
export function patchTimers(mine) {
  for (const name of /** @type {const} */ (['setTimeout', 'setInterval'])) {
    const again = name === 'setInterval';
    /** @type {any} */
    const original = timers[name];
    /** @type {any} */
    const patched = (/** @type {any} */ code, /** @type {any} */ delay, /** @type {any[]} */ ...args) => {
      const all = mine();
      if (all === undefined || typeof code !== 'function' || Number(delay) > LONGEST) return original(code, delay, ...args);
      return new ReaderTimer(all, code, args, again);
    };
    for (const key of Object.getOwnPropertySymbols(original)) patched[key] = original[key];
    timers[name] = patched;
    globalThis[name] = patched;
  }
  for (const name of /** @type {const} */ (['clearTimeout', 'clearInterval'])) {
    /** @type {any} */
    const original = timers[name];
    /** @type {any} */
    const patched = (/** @type {any} */ timer) => {
      if (timer instanceof ReaderTimer) timer.close();
      else original(timer);
    };
    timers[name] = patched;
    globalThis[name] = patched;
  }
  /** @type {any} */
  const wait = timersPromises.setTimeout;
  /** @type {any} */ (timersPromises).setTimeout = (/** @type {any} */ delay, /** @type {any} */ value, /** @type {any} */ options) => {
    const all = mine();
    if (all === undefined || Number(delay) > LONGEST || options?.signal) return wait(delay, value, options);
    return new Promise((resolve) => new ReaderTimer(all, () => resolve(value), [], false));
  };
  syncBuiltinESMExports();
}
