// @ts-check
/**
 * An actor: a process with one World, in which each I/O operation of a racing call waits until the driver lets it go.
 * One at a time: while one is unanswered, the next of the same lane is held back. So one order gives one outcome.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { format } from 'node:util';
import { clockReads, moveClock, patchChance, patchClock } from './clock.mjs';
import { HOLDS } from './holds.mjs';
import { filled, importFrom } from './place.mjs';
import { WORLD } from './recorded.mjs';

/** @typedef {import('./place.mjs').Place} Place */
/** @typedef {{call: Call, label: string, perform: () => void, answered?: boolean}} Operation */

/** @type {AsyncLocalStorage<Call>} */
const scope = new AsyncLocalStorage();

/** What one actor has in flight. */
class Channel {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
    /** @type {Operation[]} not released yet; the first may have been reported to the driver */
    this.held = [];
    this.reported = false;
    /** @type {Operation | null} let go, not answered */
    this.under = null;
    /** turns of the event loop that the code behind an answer is still given */
    this.turns = 0;
  }

  /** Report the next operation to the driver, if it is its turn. */
  next() {
    if (this.under !== null || this.turns > 0 || this.reported || this.held.length === 0) return;
    this.reported = true;
    tell({ type: 'io', lane: this.name, label: this.held[0].label });
  }

  /** The driver lets it go. */
  go() {
    const operation = /** @type {Operation} */ (this.held.shift());
    this.reported = false;
    this.under = operation;
    scope.run(operation.call, operation.perform);
  }

  /** @param {() => void} then */
  turn(then) {
    this.turns++;
    setImmediate(() => {
      this.turns--;
      then();
      this.next();
    });
  }
}

/** One call of the World. */
class Call {
  /** @param {Channel} channel @param {boolean} gated */
  constructor(channel, gated) {
    this.channel = channel;
    this.gated = gated;
    this.live = true;
    this.open = 0;
    this.arisen = 0;
    /** @type {{value?: any, error?: any} | null} */
    this.outcome = null;
  }

  /** Answer, once a whole turn of the event loop brought no operation more. */
  settle() {
    if (this.outcome === null || this.open > 0 || !this.live) return;
    const { arisen } = this;
    this.channel.turn(() => {
      if (!this.live || this.open > 0) return;
      if (this.arisen !== arisen) return this.settle();
      this.live = false;
      tell({ type: 'answer', lane: this.channel.name, ...this.outcome });
    });
  }
}

/** The call that the running code belongs to. @returns {Call | undefined} */
export function currentCall() {
  const call = scope.getStore();
  return call?.live ? call : undefined;
}

/** An operation wants to go ahead. @param {Operation} operation */
export function submit(operation) {
  const { call } = operation;
  call.open++;
  call.arisen++;
  if (!call.gated) return operation.perform();
  call.channel.held.push(operation);
  call.channel.next();
}

/** Its answer has come; the code that waits for it runs next. @param {Operation} operation */
export function answered(operation) {
  if (operation.answered) return;
  operation.answered = true;
  const { call } = operation;
  call.open--;
  if (call.channel.under === operation) {
    call.channel.under = null;
    call.channel.turn(() => {});
  }
  call.settle();
}

/** A promised operation, held. @template T @param {string} label @param {() => Promise<T>} start @returns {Promise<T>} */
export function heldUntilGo(label, start) {
  const call = currentCall();
  if (call === undefined) return start();
  return new Promise((resolve, reject) => {
    /** @type {Operation} */
    const operation = {
      call,
      label,
      perform: () => void Promise.resolve().then(start).finally(() => answered(operation)).then(resolve, reject),
    };
    submit(operation);
  });
}

/** @param {Record<string, any>} message */
function tell(message) {
  const whole = { ...message, clock: clockReads() };
  try {
    process.send?.(whole);
  } catch {
    process.send?.(JSON.parse(JSON.stringify(whole))); // a value that cannot be cloned
  }
}

/** @param {any} thrown */
function plainError(thrown) {
  return { name: String(thrown?.name ?? 'Error'), message: String(thrown?.message ?? thrown), status: thrown?.status };
}

/** @param {any} world @param {string} op @param {any[]} args */
async function perform(world, op, args) {
  const names = op.split('.');
  const method = /** @type {string} */ (names.pop());
  return await names.reduce((at, name) => at[name], world)[method](...args);
}

/** @param {Place} place */
async function makeWorld(place) {
  Object.assign(process.env, filled(WORLD.env, place));
  const found = await importFrom(place.root, WORLD.package, place.directory);
  for (const holder of [found, found.default]) {
    for (const name of WORLD.factory) {
      if (typeof holder?.[name] === 'function') return await holder[name](filled(WORLD.options, place));
      if (typeof holder?.[name]?.events?.create === 'function') return holder[name];
    }
  }
  throw new Error(`${WORLD.package} exports no ${WORLD.factory.join(' or ')} that makes a World`);
}

/** @param {string[]} lanes */
function patchConsole(lanes) {
  for (const level of /** @type {const} */ (['error', 'warn', 'info', 'log', 'debug'])) {
    console[level] = (...args) => tell({ type: 'log', level, lane: currentCall()?.channel.name ?? lanes[0], text: format(...args) });
  }
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, (error) => console.error(`${event}: ${error?.stack ?? error}`));
  }
}

/** Be the actor of these lanes until the driver goes. @param {{lanes: string[], place: Place, clock: number}} given */
export async function act({ lanes, place, clock }) {
  process.on('disconnect', () => process.exit());
  process.on('SIGINT', () => {});
  const channels = new Map(lanes.map((lane) => [lane, new Channel(lane)]));
  patchConsole(lanes);
  moveClock(clock);
  patchClock(() => currentCall() !== undefined);
  patchChance(`${lanes}${WORLD.fresh ? '' : place.tag}`);
  /** @type {any} */
  let world;
  try {
    for (const hold of HOLDS) await hold(place);
    world = await makeWorld(place);
    // So that no connection has to be made while actors race.
    await Promise.allSettled(Array.from({ length: WORLD.warm }, () => world.runs.get('wrun_00000000000000000000000000')));
  } catch (error) {
    return tell({ type: 'failed', lane: lanes[0], text: `the World could not be made: ${/** @type {Error} */ (error).stack}` });
  }
  process.on('message', (/** @type {any} */ message) => {
    moveClock(message.clock);
    const channel = /** @type {Channel} */ (channels.get(message.lane));
    if (message.type === 'go') return channel.go();
    const call = new Call(channel, message.gated);
    const begin = () =>
      void scope.run(call, () => perform(world, message.op, message.args)).then(
        (value) => ({ value }),
        (thrown) => ({ error: plainError(thrown) }),
      ).then((outcome) => {
        call.outcome = outcome;
        call.settle();
      });
    if (!call.gated || !WORLD.holdsCalls) return begin();
    /** @type {Operation} */
    const whole = {
      call,
      label: message.op,
      perform: () => {
        answered(whole);
        begin();
      },
    };
    submit(whole);
  });
  tell({ type: 'ready', lane: lanes[0] });
}
