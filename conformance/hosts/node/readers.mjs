// @ts-check
/**
 * Live readers: a stream is opened while others write to it, and read to its end when nobody does any more.
 *
 * That a reader comes is an operation of its own: from then on the World may tell it in this process what is written.
 * What the World does for a reader at intervals (polling) is done when the reader's time passes and not by the clock of
 * the machine, so that a schedule says when.
 */
import { answered, atBeginnings, backgroundOf, begunBy, shared, submit } from './calls.mjs';
import { patchTimers, ReaderTimers } from './reader-timers.mjs';

/** @typedef {import('./calls.mjs').Call} Call */

const { setTimeout: later, setImmediate: soon } = globalThis;
const Native = globalThis.ReadableStream;

/** So long nothing of a call is under way, in ms: what it waits for is not its own to bring about. */
const QUIET = 50;

/** A reader of a stream, from its opening on. */
export class LiveReader {
  /** @param {import('./calls.mjs').ActorState} actor */
  constructor(actor) {
    this.actor = actor;
    this.timers = new ReaderTimers();
    /** @type {Call | undefined} the last that was about it */
    this.call = undefined;
    /** @type {ReadableStreamDefaultReader<any> | undefined} */
    this.reader = undefined;
    /** @type {Promise<any>[]} what sources of streams do before the first is asked of them */
    this.starts = [];
  }

  /** The World is told that nobody reads any more. */
  async cancel() {
    await this.reader?.cancel();
    this.timers.clear();
  }
}

/** Those that are open, by their stream and what they are called. @type {Map<string, LiveReader>} */
const readers = new Map();
let patched = false;

function patch() {
  if (patched) return;
  patched = true;
  patchTimers(() => begunBy()?.reader?.timers);
  // A source begins when its stream is made, and nobody but the stream learns when it has.
  globalThis.ReadableStream = new Proxy(Native, {
    construct(target, [source, ...rest], newTarget) {
      const starts = begunBy()?.reader?.starts;
      return Reflect.construct(target, [starts ? observed(source, starts) : source, ...rest], newTarget);
    },
  });
  atBeginnings(forget);
}

/** The same source; when it has begun is known. @param {any} source @param {Promise<any>[]} starts */
function observed(source, starts) {
  if (typeof source?.start !== 'function') return source;
  return new Proxy(source, {
    get(target, key) {
      if (key !== 'start') {
        const found = Reflect.get(target, key);
        return typeof found === 'function' ? found.bind(target) : found;
      }
      return (/** @type {any} */ controller) => {
        const begun = target.start(controller);
        starts.push(Promise.resolve(begun).catch(() => {}));
        return begun;
      };
    },
  });
}

/** A schedule begins: whoever still reads what was written in another one goes. */
function forget() {
  for (const reader of readers.values()) {
    reader.timers.clear();
    if (!reader.actor.dead) backgroundOf(reader.actor).run(() => void reader.cancel().catch(() => {}));
  }
  readers.clear();
}

/** The call that performs an operation on a reader, which that operation is about. @param {LiveReader} [reader] */
function callOf(reader) {
  const call = /** @type {Call} */ (begunBy());
  call.reader = reader ?? new LiveReader(call.actor);
  call.reader.call = call;
  // What it reads is put together in the memory that it shares with those who write.
  if (shared()) call.also = ({ label }) => ({ label, access: 'unknown', keys: [] });
  return call;
}

/** @param {string} name of a stream @param {string} called */
function found(name, called) {
  const reader = readers.get(`${name} ${called}`);
  if (reader === undefined) throw new Error(`no reader ${called} of ${name} is open here`);
  return reader;
}

/**
 * Open a reader. Answered when what it loads at first is loaded, or waits for something.
 * @param {() => Promise<ReadableStream>} read @param {string} name of the stream @param {string} called
 */
export async function openReader(read, name, called) {
  patch();
  const call = callOf();
  const reader = /** @type {LiveReader} */ (call.reader);
  if (call.gated && !call.whole) await comes(call, name);
  reader.reader = (await read()).getReader();
  readers.set(`${name} ${called}`, reader);
  await settled(call, Promise.all(reader.starts));
  return {};
}

/** Hold a reader before it is there. @param {Call} call @param {string} name @returns {Promise<void>} */
function comes(call, name) {
  return new Promise((resolve) => {
    /** @type {import('./calls.mjs').Operation} */
    const operation = {
      call,
      describe: () => ({ label: `reader of ${name}`, access: 'unknown', keys: [] }),
      perform: () => {
        answered(operation);
        resolve();
      },
    };
    submit(operation);
  });
}

/** Let others go on; who has waited for long waits longer. @param {number} turns so often it has waited */
function turn(turns) {
  return new Promise((resolve) => (turns < QUIET ? soon(resolve) : later(resolve, 1)));
}

/** Wait for a promise, but not when nothing of the call is under way that could fulfil it. @param {Call} call @param {Promise<any>} promise */
async function settled(call, promise) {
  let done = false;
  void promise.then(
    () => (done = true),
    () => (done = true),
  );
  let since = performance.now();
  let arisen = call.arisen;
  for (let turns = 0; !done; turns++) {
    await turn(turns);
    if (call.open > 0 || call.arisen !== arisen) since = performance.now();
    arisen = call.arisen;
    if (performance.now() - since > QUIET) return;
  }
}

/** A moment passes for a reader: what the World does for it at intervals is done once. @param {string} name @param {string} called */
export async function passTime(name, called) {
  const reader = found(name, called);
  const call = callOf(reader);
  await settled(call, Promise.allSettled(reader.timers.fire()));
  return {};
}

/**
 * Read to the end, or until nothing has come for so long, while time passes. All chunks since the reader was opened.
 * @param {string} name @param {string} called @param {number} limit
 */
export async function readOn(name, called, limit) {
  const live = found(name, called);
  const call = callOf(live);
  const reader = /** @type {ReadableStreamDefaultReader<any>} */ (live.reader);
  readers.delete(`${name} ${called}`);
  /** @type {string[]} */
  const chunks = [];
  /** @type {{done: boolean, value?: any} | undefined} */
  let next;
  /** @type {any} */
  let failed;
  const ask = () => {
    next = undefined;
    reader.read().then(
      (read) => (next = read),
      (error) => (failed = { error }),
    );
  };
  ask();
  let polls = Promise.resolve();
  let polling = false;
  for (let since = performance.now(), turns = 0; performance.now() - since < limit; turns++) {
    await turn(turns);
    if (failed !== undefined) throw failed.error;
    if (next !== undefined) {
      if (next.done) return { chunks, done: true };
      chunks.push(text(next.value));
      since = performance.now();
      turns = 0;
      ask();
    } else if (!polling) {
      polling = true;
      polls = settled(call, Promise.allSettled(live.timers.fire())).finally(() => later(() => (polling = false), 1));
    }
  }
  await polls;
  void live.cancel().catch(() => {});
  return { chunks, done: false };
}

/** Somebody who read goes. @param {string} name @param {string} called */
export async function cancelReader(name, called) {
  const reader = found(name, called);
  callOf(reader);
  readers.delete(`${name} ${called}`);
  await reader.cancel();
  return {};
}

/** @param {any} chunk */
export function text(chunk) {
  return typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
}
