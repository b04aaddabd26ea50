// @ts-check
/**
 * Timers of the runtime, in logical time. A replay yields with timers of 0 ms many times, and waits 100 ms before
 * it calls a log broken; both are there to let promises settle, which needs no real time. Here the timers that
 * the runtime sets within a call fire in the order of their logical due time, one a turn of the event loop, and
 * only while the call has no I/O under way: so the order is the same in every run. All others are left alone:
 * a World's own timers guard its connections.
 */
import { AsyncResource } from 'node:async_hooks';
import { currentCall } from '../calls.mjs';

/** @typedef {import('../calls.mjs').Call} Call */
/** @typedef {{due: number, order: number, call: Call, fire: () => void}} Timer */

class Logical {
  /** @param {() => void} cancel */
  constructor(cancel) {
    this.cancel = cancel;
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
  [Symbol.toPrimitive]() {
    return 0;
  }
}

/** The timers of one call. */
class Clockwork {
  constructor() {
    this.now = 0;
    this.order = 0;
    /** @type {Timer[]} */
    this.timers = [];
    this.turning = false;
  }

  /** @param {Call} call @param {() => void} fire @param {number} delay */
  add(call, fire, delay) {
    /** @type {Timer} */
    const timer = { due: this.now + Math.max(1, delay), order: this.order++, call, fire };
    this.timers.push(timer);
    this.turn();
    return new Logical(() => {
      const at = this.timers.indexOf(timer);
      if (at >= 0) this.timers.splice(at, 1);
    });
  }

  turn() {
    if (this.turning || this.timers.length === 0) return;
    this.turning = true;
    setImmediate(() => {
      this.turning = false;
      this.next();
    });
  }

  next() {
    if (this.timers.length === 0) return;
    const { call } = this.timers[0];
    if (!call.live) return void this.timers.splice(0);
    if (call.open > 0) return void call.whenIdle.push(() => this.turn());
    const first = this.timers.reduce((one, other) => (other.due < one.due || (other.due === one.due && other.order < one.order) ? other : one));
    this.timers.splice(this.timers.indexOf(first), 1);
    this.now = first.due;
    this.turn();
    first.fire();
  }
}

/** @type {WeakMap<Call, Clockwork>} */
const clockworks = new WeakMap();

/** The file that called the function that called this. @param {Function} above */
function caller(above) {
  const { stackTraceLimit, prepareStackTrace } = Error;
  Error.stackTraceLimit = 1;
  Error.prepareStackTrace = (_, frames) => frames[0]?.getFileName() ?? '';
  /** @type {{stack?: any}} */
  const holder = {};
  Error.captureStackTrace(holder, above);
  const file = holder.stack;
  Error.stackTraceLimit = stackTraceLimit;
  Error.prepareStackTrace = prepareStackTrace;
  return typeof file === 'string' ? file : '';
}

/** Take over the timers that code in this folder sets. @param {string} folder as a file URL */
export function patch(folder) {
  const { setTimeout: original, clearTimeout: originalClear } = globalThis;

  /** @param {any} callback @param {number} [delay] @param {any[]} args */
  function later(callback, delay, ...args) {
    const call = currentCall();
    if (call === undefined || !caller(later).startsWith(folder)) return original(callback, delay, ...args);
    let clockwork = clockworks.get(call);
    if (clockwork === undefined) clockworks.set(call, (clockwork = new Clockwork()));
    return clockwork.add(call, AsyncResource.bind(() => callback(...args)), Number(delay) || 0);
  }

  globalThis.setTimeout = /** @type {any} */ (Object.assign(later, original));
  globalThis.clearTimeout = (/** @type {any} */ timer) => {
    if (timer instanceof Logical) timer.cancel();
    else originalClear(timer);
  };
}
