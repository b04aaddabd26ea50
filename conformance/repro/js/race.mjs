// @ts-check
/** The race: each operation of an actor is held, and goes ahead when the schedule says so. */
import { clock, LIMIT, SILENCE } from './host.mjs';
import { CannotRun } from './place.mjs';
import { heading, row } from './print.mjs';

/** @typedef {import('./host.mjs').Host} Host */
/** @typedef {import('./host.mjs').Message} Message */

/** @typedef {object} Stage what a race needs to know
 * @property {(actor: string) => Host} hostOf
 * @property {(call: Recorded, answer: Message) => string} answered keeps the answer of a call, and gives it in words
 * @property {(host: Host) => void} kill ends the process of an actor
 * @property {() => boolean} mayWait whether silence means that an actor waits for another
 */

const HOUR = 3_600_000;
/** Whether all of it happens within one millisecond. */
export const STILL = FAULTS.some(({ kind }) => kind === 'still');
/** How many operations were released. */
let released = 0;
/** @type {string[]} */
const done = [];
/** Which calls had been answered when a call began. @type {Record<string, string[]>} */
const earlier = {};

/** Whether calls came one before another wherever they did when it was recorded. */
export const keptOrder = () => BEFORE.every(([one, other]) => earlier[other]?.includes(one));

//! One racing actor: held before an operation, blocked by another, or done. Whom a fault adds comes later.
class Racing {
  /** @param {string} name @param {Stage} stage */
  constructor(name, stage) {
    this.name = name;
    this.stage = stage;
    this.host = stage.hostOf(name);
    this.left = [...RACE[name]];
    this.begun = false;
    /** @type {Recorded | undefined} */
    this.call = undefined;
    this.id = 0;
    /** @type {Message | undefined} */
    this.gate = undefined;
    /** @type {'later' | 'held' | 'blocked' | 'done'} */
    this.state = FAULTS.some(({ adds }) => adds === name) ? 'later' : 'held';
  }

  /** @param {string} text */
  say(text) {
    row(this.name, text);
  }

  /** Begin the next call. */
  async begin() {
    this.begun = true;
    this.gate = undefined;
    this.call = this.left.shift();
    if (this.call === undefined) {
      this.state = 'done';
      return;
    }
    const { op, args, at, says } = this.call;
    this.say(`→ ${says.replace(`${this.name}: `, '')}`);
    earlier[says] = [...done];
    clock.advance(START + at);
    this.id = this.host.send({ type: 'call', actor: this.name, op, args: args(), gated: true, stacks: true });
    await this.follow(await this.next());
  }

  /** Let the held operation go, in whatever way it goes wrong. @param {Racing[]} actors */
  async release(actors) {
    if (this.gate === undefined) return await this.begin();
    const { gate, label, where } = this.gate;
    const number = released++;
    let end = '';
    for (const { kind, says, adds } of FAULTS.filter(({ at }) => at === number)) {
      this.say(`✗ ${kind}: ${says}`);
      if (kind === 'jump') clock.advance(clock.time + HOUR);
      else if (kind === 'again') await actors.find(({ name }) => name === adds)?.begin();
      else if (kind !== 'still') end = kind;
    }
    if (end === 'kill') return this.die();
    this.say(`• ${label}${where ? `  ${where}` : ''}`);
    if (!STILL) clock.advance(clock.time + 100);
    this.host.send({ type: 'go', gate, cut: end === 'cut' ? 'before' : end === 'lose' ? 'after' : undefined });
    const message = await this.next();
    if (end !== 'die') return await this.follow(message);
    if (message === undefined || message.type === 'gate') this.die();
    else this.state = 'done';
  }

  /** Its process ends in the middle of what it does. */
  die() {
    this.stage.kill(this.host);
    this.state = 'done';
  }

  /** What comes next: an operation, or the answer. Undefined when it waits for another actor, or fell. */
  async next() {
    for (const end = Date.now() + LIMIT; Date.now() < end; ) {
      const message = await this.host.receive(this.id, SILENCE);
      if (message !== undefined || this.host.fell || this.stage.mayWait()) return message;
    }
    throw new CannotRun(`no sign of ${this.name} for ${LIMIT / 1000} s`);
  }

  /** @param {Message | undefined} message what came next */
  async follow(message) {
    if (message === undefined && this.host.fell) return this.die();
    if (message === undefined || message.type === 'waits') this.state = 'blocked';
    else if (message.type === 'gate') {
      this.gate = message;
      this.state = 'held';
    } else {
      const words = this.stage.answered(/** @type {Recorded} */ (this.call), message);
      done.push(/** @type {Recorded} */ (this.call).says);
      this.say(`← ${words}${message.error ? `: ${message.error.message}` : ''}`);
      await this.begin();
    }
  }
}

//! Race: let operations go in the order of the schedule. When it no longer fits, one actor after the other.
/** @param {Stage} stage */
export async function race(stage) {
  const order = process.env.SCHEDULE ?? SCHEDULE;
  const wanted = [...order.matchAll(/([A-Ha-h])(\d*)/g)].flatMap(([, actor, times]) => Array(Number(times || 1)).fill(actor));
  const actors = Object.keys(RACE).map((name) => new Racing(name, stage));
  heading();
  // A small letter is where an actor begins, or takes its next message. Without any they all begin at once.
  for (const actor of actors) {
    if (actor.state === 'held' && !wanted.includes(actor.name.toLowerCase())) await actor.begin();
  }
  let last = '';
  for (let fits = true; actors.some(({ state }) => state === 'held' || state === 'blocked'); ) {
    const held = actors.filter(({ state }) => state === 'held');
    const next = fits ? wanted.shift() : undefined;
    if (next !== undefined && actors.some(({ name, begun }) => begun && next === name.toLowerCase())) continue;
    let actor = held.find(({ name }) => name === next?.toUpperCase());
    if (actor === undefined) {
      if (fits && next !== undefined) console.log(`(from here on ${order} does not fit: one after the other)`);
      fits = false;
      actor = held.find(({ name }) => name === last) ?? held[0];
    }
    last = actor?.name ?? last;
    await actor?.release(actors);
    const blocked = actors.filter((each) => each.state === 'blocked' && each !== actor);
    for (const each of blocked) await each.follow(await each.host.receive(each.id, actor ? SILENCE : LIMIT));
    if (!actor && blocked.every(({ state }) => state === 'blocked')) throw new CannotRun('all who are left wait for one another');
  }
}
