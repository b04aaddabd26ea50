// @ts-check
/**
 * A logical clock and seeded randomness, so that one schedule gives one outcome and the ids in the log repeat.
 *
 * Patched before the World is imported. Only code that runs for a call ticks the clock and draws from its
 * actor's stream: a heartbeat or a reconnect in the background reads both without moving them.
 */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { currentCall, owner } from './calls.mjs';

const NativeDate = Date;
/** The prime of FNV-1a. */
const FNV = 0x01000193;
let clock = 0;
let still = false;

/** Move the clock to a time (ms since 1970); it never goes back. @param {number | undefined} time */
export function advance(time) {
  if (time !== undefined && time > clock) clock = time;
}

/** The logical time, without moving it. */
export function peek() {
  return clock;
}

/** Whether reading the time moves it no more. @param {boolean} whether */
export function standStill(whether) {
  still = whether;
}

function reading() {
  return still || currentCall() === undefined ? clock : ++clock;
}

/** sfc32: small, fast, good enough for ids. */
export class Random {
  /** @param {string} seed */
  constructor(seed) {
    this.seed(seed);
  }

  /** @param {string} seed */
  seed(seed) {
    // FNV-1a over four lanes spreads the text over the 128 bits of state.
    let [a, b, c, d] = [0x811c9dc5, 0x01000193, 0xdeadbeef, 0x2545f491];
    for (let i = 0; i < seed.length; i++) {
      const code = seed.charCodeAt(i);
      a = Math.imul(a ^ code, FNV);
      b = Math.imul(b ^ (code + 1), FNV);
      c = Math.imul(c ^ (code + 2), FNV);
      d = Math.imul(d ^ (code + 3), FNV);
    }
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
    for (let i = 0; i < 12; i++) this.next();
  }

  /** The next 32 bits, as an unsigned integer. */
  next() {
    const { a, b, c, d } = /** @type {{a: number, b: number, c: number, d: number}} */ (this);
    const sum = (a + b + d) | 0;
    this.d = (d + 1) | 0;
    this.a = b ^ (b >>> 9);
    this.b = (c + (c << 3)) | 0;
    this.c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** In [0, 1), 53 bits. */
  fraction() {
    return (this.next() * 2 ** 21 + (this.next() >>> 11)) / 2 ** 53;
  }

  /** @param {Uint8Array} bytes */
  fill(bytes) {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.next() & 0xff;
    return bytes;
  }
}

const background = new Random('background');

/** @returns {Random} */
function source() {
  const whose = owner();
  return currentCall()?.actor.random ?? (whose?.dead ? whose.random : background);
}

/** A new stream for what runs outside every call. @param {string} seed */
export function seedBackground(seed) {
  background.seed(`${seed}:background`);
}

/** @param {NodeJS.ArrayBufferView | ArrayBufferLike} target @param {number} [offset] @param {number} [size] */
function fillView(target, offset = 0, size = undefined) {
  const bytes = ArrayBuffer.isView(target)
    ? new Uint8Array(target.buffer, target.byteOffset, target.byteLength)
    : new Uint8Array(target);
  source().fill(bytes.subarray(offset, size === undefined ? undefined : offset + size));
  return target;
}

function uuid() {
  const bytes = source().fill(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function patchDate() {
  /** @type {any} */
  const Patched = new Proxy(NativeDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [reading()] : args, newTarget === Patched ? target : newTarget),
    apply: () => new NativeDate(reading()).toString(),
    get: (target, key) => (key === 'now' ? reading : Reflect.get(target, key)),
  });
  NativeDate.prototype.constructor = Patched;
  globalThis.Date = /** @type {DateConstructor} */ (Patched);
}

function patchRandom() {
  Math.random = () => source().fraction();
  /** @type {any} */
  const patched = crypto;
  patched.randomBytes = (/** @type {number} */ size, /** @type {any} */ done) => {
    const bytes = Buffer.from(source().fill(new Uint8Array(size)));
    return done === undefined ? bytes : void process.nextTick(done, null, bytes);
  };
  patched.randomFillSync = fillView;
  patched.randomFill = (/** @type {any} */ target, /** @type {any[]} */ ...rest) => {
    const done = rest.pop();
    process.nextTick(done, null, fillView(target, ...rest));
  };
  patched.randomInt = (/** @type {any[]} */ ...args) => {
    const done = typeof args.at(-1) === 'function' ? args.pop() : undefined;
    const [low, high] = args.length > 1 ? args : [0, args[0]];
    const value = low + Math.floor(source().fraction() * (high - low));
    return done === undefined ? value : void process.nextTick(done, null, value);
  };
  patched.randomUUID = uuid;
  const web = Object.getPrototypeOf(globalThis.crypto);
  web.getRandomValues = fillView;
  web.randomUUID = uuid;
}

/** Take over time and chance, from now on. */
export function patch() {
  patchDate();
  patchRandom();
  syncBuiltinESMExports();
}
