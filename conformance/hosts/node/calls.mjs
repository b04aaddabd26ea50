// @ts-check
/**
 * Calls, actors and the gate rules (`docs/host-protocol.md`, "Rules for gates").
 *
 * An *actor* is one caller in this host. An *operation* is one I/O operation caused by a call: the patches in
 * `gates/` submit it here, and this module decides whether it goes ahead at once, is reported and held, or
 * waits unreported behind one that is still unanswered.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * @typedef {{label: string, access: 'read' | 'write' | 'unknown', keys: string[], statements?: object[]}} Description
 * @typedef {object} Operation
 * @property {Call} call
 * @property {() => Description} describe
 * @property {(held: boolean, cut?: Cut) => void} perform start it; `held` when the code that asked for it has gone
 *   on since, `cut` when its connection is to break
 * @property {boolean} [cuts] its connection can be cut
 * @property {boolean} [rest] it is the rest of what another operation of its actor began
 * @property {boolean} [first] it is reported before others of its actor that wait, or not held at all when one of them
 *   was reported already
 * @property {boolean} [answered]
 * @property {import('./where.mjs').Origin} [origin]
 * @typedef {'before' | 'after'} Cut before the operation is sent, or after it was made and before its answer
 * @typedef {{gates: number, ms: number}} Ahead so many operations go ahead unasked, and each moves the clock
 * @typedef {object} Scheduler what the protocol loop gives this module
 * @property {boolean} blocking one actor only: hold a gate by blocking the process
 * @property {(operation: Operation, gate: number, passed: boolean) => void} report `passed`: it goes ahead at once
 * @property {(gate: number) => {cut?: Cut, ahead?: Ahead}} wait block until that gate was released
 * @property {(ms: number) => void} pass move the clock for an operation that goes ahead unasked
 * @property {(call: Call) => void} finish the call has its answer and nothing of it is in flight
 * @property {(call: Call) => void} waits the call can do nothing until an operation of another call is released
 * @property {() => import('./where.mjs').Origin | undefined} where
 */

/** @type {AsyncLocalStorage<Call>} */
const storage = new AsyncLocalStorage();
/** @type {Scheduler} */
let scheduler;
let gates = 0;

/** @param {Scheduler} given */
export function useScheduler(given) {
  scheduler = given;
}

/** One actor: its World, its randomness, and what it has in flight. */
export class ActorState {
  /** @param {string} name @param {any} random */
  constructor(name, random) {
    this.name = name;
    this.random = random;
    /** @type {any} */
    this.world = undefined;
    /** @type {Operation | null} released, not answered */
    this.inFlight = null;
    /** @type {Operation[]} arisen, not released; the first may be reported */
    this.held = [];
    /** the number of the gate reported and not released (only when not blocking), or 0 */
    this.reported = 0;
    /** turns of the event loop that are due before the next report */
    this.turns = 0;
    /** its World died, and whatever still runs of it has no effect (`death.mjs`) */
    this.dead = false;
  }
}

/** One operation of the World, asked for by the engine. */
export class Call {
  /** @param {number} id @param {ActorState} actor @param {boolean} gated @param {boolean} stacks */
  constructor(id, actor, gated, stacks) {
    this.id = id;
    this.actor = actor;
    this.gated = gated;
    this.stacks = stacks;
    /**
     * Gives what follows when its answer was sent, if anything does.
     * @type {((answer: {type: string, value?: any}) => (() => void) | undefined) | undefined}
     */
    this.next = undefined;
    /** @type {Ahead | undefined} what may go ahead unasked */
    this.ahead = undefined;
    /** not held, but its operations go one at a time all the same, in the order in which they arose */
    this.ordered = false;
    STREAMS: {
      /** it was held as a whole before it began */
      this.whole = false;
      /** @type {import('./readers.mjs').LiveReader | undefined} the reader of a stream that it is about */
      this.reader = undefined;
      /**
       * What its operations touch beside what they ask for, where several actors share the memory of a process.
       * @type {((about: Description) => Description) | undefined}
       */
      this.also = undefined;
    }
    /** false once its result was sent */
    this.live = true;
    /** operations of this call that wait or are unanswered */
    this.open = 0;
    /** how often an operation arose: a quiet turn is one in which this stays the same */
    this.arisen = 0;
    /** @type {{value?: any, error?: any} | null} */
    this.outcome = null;
    /** @type {(() => void)[]} what waits until nothing of this call is in flight */
    this.whenIdle = [];
  }

  /** One operation less is waiting or unanswered. */
  close() {
    this.open--;
    if (this.open === 0) for (const then of this.whenIdle.splice(0)) setImmediate(then);
  }

  /** Run code as this call. @template T @param {() => T} code @returns {T} */
  run(code) {
    return storage.run(this, code);
  }

  /** The World answered. @param {{value?: any, error?: any}} outcome */
  settle(outcome) {
    this.outcome = outcome;
    this.check();
  }

  /** Send the result once a whole turn of the event loop passed with nothing in flight. */
  check() {
    if (this.outcome === null || this.open > 0 || !this.live || this.actor.dead) return;
    const arisen = this.arisen;
    turn(this.actor, () => {
      if (!this.live || this.open > 0) return;
      if (this.arisen !== arisen) return void this.check();
      this.live = false;
      scheduler.finish(this);
    });
  }
}

/**
 * The call that the running code belongs to, while that call has no answer. What goes on for a reader of a stream
 * belongs to the call about it that is under way. @returns {Call | undefined}
 */
export function currentCall() {
  const call = storage.getStore();
  STREAMS: if (call?.live === false && call.reader?.call?.live) return call.reader.call;
  return call?.live ? call : undefined;
}

/** The call that the running code was begun by, also when that call has its answer. */
export function begunBy() {
  return storage.getStore();
}

/** What is to be done when a schedule begins. @type {(() => void)[]} */
const beginnings = [];

/** @param {() => void} then done whenever a schedule begins */
export function atBeginnings(then) {
  beginnings.push(then);
}

/** A schedule begins. */
export function begun() {
  for (const then of beginnings) then();
}

/** Whether several actors share this process, and what the World keeps in its memory. */
export function shared() {
  return !scheduler.blocking;
}

/** Run code that belongs to no call and no World. @template T @param {() => T} code @returns {T} */
export function outside(code) {
  return storage.exit(code);
}

/** The actor whose World the running code belongs to, in a call or outside every call. */
export function owner() {
  return storage.getStore()?.actor;
}

/** Whether the running code belongs to a World that died. */
export function isDead() {
  return owner()?.dead === true;
}

/** A call without an end, for the code of a World that belongs to no call. @param {ActorState} actor */
export function backgroundOf(actor) {
  const made = new Call(0, actor, false, false);
  made.live = false;
  return made;
}

/** Nothing of an actor goes on, now or later. @param {ActorState} actor */
export function end(actor) {
  actor.dead = true;
  actor.held = [];
  actor.inFlight = null;
  actor.reported = 0;
}

/**
 * An operation wants to go ahead. True when it was performed before this returned, false when it is held.
 * @param {Operation} operation
 */
export function submit(operation) {
  const { call } = operation;
  const { actor } = call;
  call.open++;
  call.arisen++;
  if (!call.gated && !call.ordered) {
    start(operation, false);
    return true;
  }
  if (!call.gated && idle(actor) && actor.held.length === 0) {
    actor.inFlight = operation;
    start(operation, false);
    return true;
  }
  if (call.stacks) operation.origin ??= scheduler.where();
  if (call.gated && scheduler.blocking && idle(actor) && actor.held.length === 0) {
    release(actor, operation, false);
    return true;
  }
  if (operation.first && actor.reported !== 0) {
    start(operation, false);
    return true;
  }
  const behind = operation.first ? actor.held.findIndex((other) => !other.first) : -1;
  actor.held.splice(behind < 0 ? actor.held.length : behind, 0, operation);
  pump(actor);
  return false;
}

/**
 * An operation must wait until one of another call is released. Its call is open until then; `then` submits it.
 * @param {Operation} operation @param {() => void} then
 */
export function standBehind(operation, then) {
  const { call } = operation;
  if (call.stacks) operation.origin = scheduler.where(); // later it is that other call that runs
  call.open++;
  scheduler.waits(call);
  return () => {
    then();
    call.open--;
  };
}

/**
 * A synchronous operation wants to go ahead: hold it here, if that is possible, and return when it may.
 * It is not held where the process must not block, nor while another operation is unanswered.
 * @param {Call} call @param {() => Description} describe
 * @param {boolean} [rest] of an operation that has begun
 */
export function submitNow(call, describe, rest) {
  const { actor } = call;
  call.arisen++;
  if (!call.gated || !scheduler.blocking || !idle(actor) || actor.held.length > 0) return;
  const origin = call.stacks ? scheduler.where() : undefined;
  ask({ call, describe, rest, perform: () => {}, origin });
}

/**
 * Report an operation, and block until it may go ahead; not at all when it may go ahead unasked.
 * @param {Operation} operation @returns {Cut | undefined}
 */
function ask(operation) {
  const { call } = operation;
  const gate = ++gates;
  const { ahead } = call;
  ENGINE: if (ahead !== undefined && ahead.gates > 0 && !operation.first) {
    ahead.gates--;
    scheduler.report(operation, gate, true);
    scheduler.pass(ahead.ms);
    return undefined;
  }
  scheduler.report(operation, gate, false);
  const go = scheduler.wait(gate);
  call.ahead = go.ahead;
  return go.cut;
}

/**
 * The answer has come. Call this before the code that waits for it runs, so that its next operation is
 * reported at once; operations held back meanwhile are reported a turn later.
 * @param {Operation} operation
 */
export function answered(operation) {
  if (operation.answered) return;
  operation.answered = true;
  const { call } = operation;
  const { actor } = call;
  call.close();
  if (actor.inFlight === operation) {
    actor.inFlight = null;
    if (actor.held.length > 0) turn(actor, () => {});
  }
  call.check();
}

/** Nothing is in flight or due: an operation may be reported. @param {ActorState} actor */
function idle(actor) {
  return actor.inFlight === null && actor.turns === 0;
}

/**
 * Let the code that waits for an answer run, then do something; only then may the next gate be reported.
 * @param {ActorState} actor @param {() => void} then
 */
function turn(actor, then) {
  actor.turns++;
  setImmediate(() => {
    actor.turns--;
    then();
    pump(actor);
  });
}

/** @param {ActorState} actor */
function pump(actor) {
  if (!idle(actor) || actor.reported !== 0 || actor.held.length === 0) return;
  if (!actor.held[0].call.gated) {
    actor.inFlight = /** @type {Operation} */ (actor.held.shift());
    start(actor.inFlight, true);
    return;
  }
  if (scheduler.blocking) {
    release(actor, /** @type {Operation} */ (actor.held.shift()), true);
    return;
  }
  actor.reported = ++gates;
  scheduler.report(actor.held[0], actor.reported, false);
}

/** Report, block, perform. @param {ActorState} actor @param {Operation} operation @param {boolean} held */
function release(actor, operation, held) {
  actor.inFlight = operation;
  const cut = ask(operation);
  if (!actor.dead) start(operation, held, cut);
}

/** @param {Operation} operation @param {boolean} held @param {Cut} [cut] */
function start(operation, held, cut) {
  try {
    operation.perform(held, cut);
  } catch (error) {
    answered(operation);
    throw error;
  }
}

/** The engine released a gate (only when not blocking). @param {ActorState} actor @param {Cut} [cut] */
export function go(actor, cut) {
  const operation = /** @type {Operation} */ (actor.held.shift());
  actor.reported = 0;
  actor.inFlight = operation;
  start(operation, true, cut);
}
