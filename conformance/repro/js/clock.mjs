// @ts-check
/** A clock and a source of chance that repeat: what the World does must depend on the order of operations alone. */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

let time = 0;

/** @param {number} to ms since 1970; it never goes back */
export function moveClock(to) {
  time = Math.max(time, to);
}

export function clockReads() {
  return time;
}

/** Each reading by a call is the next millisecond. @param {() => boolean} byCall */
export function patchClock(byCall) {
  const Native = Date;
  const now = () => (byCall() ? ++time : time);
  /** @type {any} */
  const Patched = new Proxy(Native, {
    construct: (target, args, made) => Reflect.construct(target, args.length === 0 ? [now()] : args, made === Patched ? target : made),
    apply: () => new Native(now()).toString(),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
  Native.prototype.constructor = Patched;
  globalThis.Date = Patched;
}

/** @param {string} seed */
export function patchChance(seed) {
  let state = [...seed].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5);
  const fraction = () => {
    state = (state + 0x6d2b79f5) | 0; // mulberry32
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  /** @param {any} view */
  const fill = (view) => {
    const bytes = ArrayBuffer.isView(view) ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array(view);
    for (let at = 0; at < bytes.length; at++) bytes[at] = fraction() * 256;
    return view;
  };
  const uuid = () => {
    const hex = Buffer.from(fill(new Uint8Array(16))).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  };
  Math.random = fraction;
  /** @type {any} */
  const patched = crypto;
  patched.randomBytes = (/** @type {number} */ size, /** @type {any} */ done) => {
    const bytes = fill(Buffer.alloc(size));
    return done === undefined ? bytes : void process.nextTick(done, null, bytes);
  };
  patched.randomFillSync = fill;
  patched.randomUUID = uuid;
  const web = Object.getPrototypeOf(globalThis.crypto);
  web.getRandomValues = fill;
  web.randomUUID = uuid;
  syncBuiltinESMExports();
}
