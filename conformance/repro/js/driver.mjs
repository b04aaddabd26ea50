// @ts-check
/** The driver: every actor is a process of its own, and this decides whose I/O operation goes ahead next. */
import { fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { forgetStarts, inWords, judge, noteStart, stored } from './outcome.mjs';
import { CannotRun, makePlace, setUp } from './place.mjs';
import { heading, row, table } from './print.mjs';
import { AFTER, GIVEN, RACE, SCHEDULE, START, UNKNOWN, WORLD, id } from './recorded.mjs';

/** @typedef {import('./recorded.mjs').Recorded} Recorded */
/** @typedef {import('./place.mjs').Place} Place */
/** @typedef {{type: string, lane: string, clock?: number, label?: any, level?: string, text?: string, value?: any, error?: any}} Message */

/** Longest wait for an answer, and the silence that means waiting for a lock, in ms. */
const SIGN_LIMIT = 20_000;
const SILENCE = 400;

/** The logical time: of the calls that were recorded first, and now. */
let base = START - 7_200_000 - 2 * Math.max(...[...GIVEN, ...Object.values(RACE).flat()].map(({ at }) => at));
let clock = base;
/** @type {Record<string, string>} */
const answers = {};
let errorLines = 0;
let racing = false;

/** A process with a World in it. Its messages wait here, in a queue for each lane. */
class Actor {
  /** @param {string[]} lanes @param {Place} place */
  constructor(lanes, place) {
    this.lanes = lanes;
    /** @type {Map<string, Message[]>} */
    this.queues = new Map(lanes.map((lane) => [lane, []]));
    this.ended = '';
    this.wake = () => {};
    const env = { ...process.env, REPRO_ACTOR: JSON.stringify({ lanes, place, clock }) };
    this.process = fork(fileURLToPath(import.meta.url), [], { serialization: 'advanced', env });
    this.process.on('message', (/** @type {Message} */ message) => this.take(message));
    this.process.on('exit', (code) => {
      this.ended = `the process of ${lanes} ended with ${code}`;
      this.wake();
    });
  }

  /** @param {Message} message */
  take(message) {
    clock = Math.max(clock, message.clock ?? 0);
    if (message.type === 'log') {
      if (racing && message.level === 'error') errorLines++;
      if (racing) say(message.lane, `✎ ${message.level}: ${message.text}`);
      return;
    }
    this.queues.get(message.lane)?.push(message);
    this.wake();
  }

  /** @param {Record<string, any>} message */
  send(message) {
    this.process.send({ ...message, clock });
  }

  /** The next message of a lane, or undefined after so many ms. @param {string} lane @param {number} ms */
  async receive(lane, ms) {
    const queue = this.queues.get(lane) ?? [];
    for (const end = Date.now() + ms; queue.length === 0 && Date.now() < end; ) {
      if (this.ended) throw new CannotRun(this.ended);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, end - Date.now());
        this.wake = () => {
          clearTimeout(timer);
          resolve(undefined);
        };
      });
    }
    return queue.shift();
  }

  /** @param {string} lane @param {string} waitingFor @returns {Promise<Message>} */
  async expect(lane, waitingFor) {
    const message = await this.receive(lane, SIGN_LIMIT);
    if (message === undefined) throw new CannotRun(`no sign for ${SIGN_LIMIT / 1000} s: ${waitingFor}`);
    if (message.type === 'failed') throw new CannotRun(message.text);
    return message;
  }
}

/** @type {Record<string, Actor>} */
const actors = {};

/** @param {string} lane */
const actorOf = (lane) => actors[lane] ?? Object.values(actors)[0];

/** @param {Place} place */
async function open(place) {
  const lanes = Object.keys(RACE);
  for (const together of WORLD.shared ? [lanes] : lanes.map((lane) => [lane])) {
    const actor = new Actor(together, place);
    for (const lane of together) actors[lane] = actor;
  }
  for (const actor of new Set(Object.values(actors))) await actor.expect(actor.lanes[0], 'the World does not open; is its service there?');
}

/** Keep the answer of a call. @param {Recorded} call @param {Message} answer @returns {string} in words */
function keep(call, answer) {
  for (const [name, path] of Object.entries(call.gives ?? {})) {
    id[name] = path.split('.').reduce((at, key) => at?.[key], answer.value) ?? '';
  }
  if (call.op !== 'events.create') return answer.error ? inWords(answer) : 'found';
  const { eventType } = call.args()[1];
  if (eventType === 'run_started') noteStart(answer.value?.run);
  return inWords(answer, eventType);
}

/** Perform a call with nothing racing. @param {Recorded} call @returns {Promise<Message>} */
async function alone({ lane, op, args, at }) {
  const actor = actorOf(lane);
  const own = actor.lanes.includes(lane) ? lane : actor.lanes[0];
  clock = Math.max(clock, base + at);
  actor.send({ type: 'call', lane: own, op, args: args(), gated: false });
  return actor.expect(own, op);
}

/**
 * Do all of it on other runs, nothing racing, each lane being the first once: connections are made and caches
 * filled, as in processes that have worked before. So the operations that race are those that were recorded.
 * @param {Place} place
 */
async function rehearse(place) {
  const own = { ...id };
  const files = new Set(filesIn(place));
  const lanes = Object.values(RACE);
  for (let turn = 0; turn < lanes.length; turn++) {
    for (const [name, value] of Object.entries(own)) id[name] = value && `${value}_${turn}`;
    const order = [...lanes.slice(turn), ...lanes.slice(0, turn)];
    for (const call of [...GIVEN, ...order.flat()]) keep(call, await alone(call));
    for (const file of filesIn(place)) if (!files.has(file)) fs.rmSync(file);
  }
  Object.assign(id, own);
  forgetStarts();
  base = START;
}

/** @param {Place} place */
function filesIn(place) {
  const found = /** @type {string[]} */ (fs.readdirSync(place.directory, { recursive: true }));
  return found.map((name) => path.join(place.directory, name)).filter((file) => fs.statSync(file).isFile());
}

/** One racing lane: held before an operation, blocked in the service, or done. */
class Lane {
  /** @param {string} name @param {Recorded[]} calls */
  constructor(name, calls) {
    this.name = name;
    this.left = [...calls];
    /** @type {Recorded | undefined} */
    this.call = undefined;
    this.io = 0;
    this.label = '';
    /** @type {'held' | 'blocked' | 'done'} */
    this.state = 'held';
  }

  /** Begin the next call. */
  async begin() {
    this.call = this.left.shift();
    if (this.call === undefined) {
      this.state = 'done';
      return;
    }
    const { op, args, at } = this.call;
    this.io = 0;
    say(this.name, `→ ${this.call.says.replace(`${this.name}: `, '')}`);
    clock = Math.max(clock, base + at);
    actorOf(this.name).send({ type: 'call', lane: this.name, op, args: args(), gated: true });
    await this.follow(SIGN_LIMIT);
  }

  /** Let the held operation go. */
  async release() {
    const [label, where] = this.call?.io?.[this.io++] ?? [this.label];
    const same = this.label === UNKNOWN || label.split(' ')[0].toLowerCase() === this.label.split(' ')[0].toLowerCase();
    say(this.name, `• ${same ? label : this.label}${same && where ? `  ${where}` : ''}`);
    clock += 100;
    actorOf(this.name).send({ type: 'go', lane: this.name });
    await this.follow(WORLD.locks ? SILENCE : SIGN_LIMIT);
  }

  /** Wait for what comes next: an operation, or the answer. @param {number} ms */
  async follow(ms) {
    const message = await actorOf(this.name).receive(this.name, ms);
    if (message === undefined && !WORLD.locks) throw new CannotRun(`no sign of ${this.name} for ${SIGN_LIMIT / 1000} s`);
    if (message === undefined) this.state = 'blocked';
    else if (message.type === 'io') {
      this.label = message.label;
      this.state = 'held';
    } else {
      const call = /** @type {Recorded} */ (this.call);
      const words = keep(call, message);
      if (call.op === 'events.create') answers[call.says] = words;
      say(this.name, `← ${words}${message.error ? `: ${message.error.message}` : ''}`);
      await this.begin();
    }
  }
}

/** @param {string} lane @param {string} text */
function say(lane, text) {
  row(Object.keys(RACE), lane, text);
}

/** Race: let go in the order of the schedule, and when it no longer fits, one lane after the other. */
async function race() {
  const order = process.env.SCHEDULE ?? SCHEDULE;
  const wanted = [...order.matchAll(/([A-H])(\d*)/g)].flatMap(([, lane, times]) => Array(Number(times || 1)).fill(lane));
  const lanes = Object.entries(RACE).map(([name, calls]) => new Lane(name, calls));
  heading(lanes.map(({ name }) => name));
  for (const lane of lanes) await lane.begin();
  let last = '';
  for (let fits = true; lanes.some(({ state }) => state !== 'done'); ) {
    const held = lanes.filter(({ state }) => state === 'held');
    const next = fits ? wanted.shift() : undefined;
    let lane = held.find(({ name }) => name === next);
    if (lane === undefined) {
      if (fits && next !== undefined) console.log(`(from here on ${order} does not fit: one after the other)`);
      fits = false;
      lane = held.find(({ name }) => name === last) ?? held[0];
    }
    last = lane?.name ?? last;
    await lane?.release();
    const blocked = lanes.filter((each) => each.state === 'blocked' && each !== lane);
    for (const each of blocked) await each.follow(lane ? SILENCE : SIGN_LIMIT);
    if (!lane && blocked.every(({ state }) => state === 'blocked')) throw new CannotRun('all who are left wait for locks');
  }
}

/** Run the whole of it; the exit status. */
export async function main() {
  /** @type {Place | undefined} */
  let place;
  try {
    const tag = process.env.REPRO_TAG ?? Date.now().toString(36);
    if (!WORLD.fresh) for (const [name, value] of Object.entries(id)) id[name] = value && `${value}_${tag}`;
    place = makePlace(tag);
    setUp(place);
    await open(place);
    await rehearse(place);
    console.log(`${WORLD.package} in ${place.root}`);
    for (const call of GIVEN) {
      const answer = await alone(call);
      const words = keep(call, answer);
      console.log(`- ${call.says}: ${words}`);
      if (words !== call.answer) {
        throw new CannotRun(`that was answered ${call.answer} when it was recorded, and now: ${answer.error?.message ?? words}`);
      }
    }
    console.log();
    racing = true;
    await race();
    for (const call of AFTER) {
      answers[call.says] = keep(call, await alone(call));
      console.log(`- ${call.says}: ${answers[call.says]}`);
    }
    racing = false;
    const facts = await stored(async (op, ...args) => {
      const { value, error } = await alone({ lane: '-', op, args: () => args, says: op, at: 0 });
      if (error) throw Object.assign(new Error(error.message), error);
      return value;
    });
    table('The answers', answers);
    table('What is stored', facts);
    return judge({ ...answers, ...facts, ...(errorLines > 0 && { 'lines logged as errors': 'some' }) }) ? 1 : 0;
  } catch (error) {
    console.error(`\nCould not be run: ${error instanceof CannotRun ? error.message : /** @type {Error} */ (error).stack}`);
    return 2;
  } finally {
    for (const actor of Object.values(actors)) actor.process.kill('SIGKILL');
    if (place) fs.rmSync(place.directory, { recursive: true, force: true });
  }
}
