// @ts-check
/** A script from its beginning to its end. It starts itself again as the hosts of its actors. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { clock, Host } from './host.mjs';
import { forgetStarts, inWords, judge, noteStart, stored } from './outcome.mjs';
import { CannotRun, filled, makePlace, portOf, setUp } from './place.mjs';
import { hide, row, table } from './print.mjs';
import { keptOrder, race, STILL } from './race.mjs';
import { asStored } from './stored.mjs';

/** @typedef {import('./host.mjs').Message} Message */
/** @typedef {import('./place.mjs').Place} Place */

// The recorded calls use it.
globalThis.asStored = asStored;

/** @type {Host[]} */
const hosts = [];
/** @type {Facts} */
const answers = {};
let errorLines = 0;
let racing = false;
/** The logical time at which the calls begin: those of the rehearsals first. */
let base = START - 7_200_000 - 2 * Math.max(...[...GIVEN, ...Object.values(RACE).flat()].map(({ at }) => at));
/** Each host and each beginning has randomness of its own; on a store with older runs in it, so has each script's run. */
let seeds = WORLD.fresh ? 0 : Date.now();

/** The host of an actor; who only prepares and looks is a guest of the first. @param {string} actor */
const hostOf = (actor) => hosts.find(({ actors }) => actors.includes(actor)) ?? hosts[0];

/** @param {Message} log @param {Host} host */
function logged({ actor, level, origin, text }, host) {
  if (!racing) return;
  if (origin === 'process' && FAULTS.length > 0 && !WORLD.host.shared) host.fell = true;
  if (level === 'error' && origin !== 'runtime') errorLines++;
  row(actor, `✎ ${level}: ${text}`);
}

// Open the World: each actor has a process of its own, or all share one.
/** @param {Place} place @param {string[]} names */
async function open(place, names = Object.keys(RACE)) {
  clock.advance(base);
  const options = filled(WORLD.options, place);
  const world = {
    ...WORLD.host,
    module: place.root,
    options: Object.keys(options).length > 0 ? options : undefined,
    ports: [portOf(place)].filter((port) => port > 0),
  };
  const groups = WORLD.host.shared ? [names] : names.map((name) => [name]);
  const started = groups.map((actors) => new Host(actors, filled(WORLD.env, place), logged));
  hosts.push(...started);
  const open = { type: 'open', world, clock: clock.time };
  const opened = started.map((host) => host.ask({ ...open, actors: host.actors, seed: seeds++ }, 'the World does not open; is its service there?'));
  for (const { type, error } of await Promise.all(opened)) {
    if (type === 'failed') throw new CannotRun(`the World could not be made: ${error.stack ?? error.message}`);
  }
}

/** End the process of an actor. @param {Host} host */
function kill(host) {
  host.process.kill('SIGKILL');
  hosts.splice(hosts.indexOf(host), 1);
}

/** Keep what an answer says. @param {Recorded} call @param {Message} answer @returns {string} in words */
function keep(call, answer) {
  for (const [name, path] of Object.entries(call.gives ?? {})) {
    id[name] = path.split('.').reduce((at, key) => at?.[key], answer.value) ?? '';
  }
  STREAMS: if (call.op.startsWith('stream.')) return inWords(answer);
  if (call.op !== 'events.create') return answer.error ? inWords(answer) : 'found';
  const { eventType } = call.args()[1];
  if (eventType === 'run_started') noteStart(answer.value?.run);
  return inWords(answer, eventType);
}

/** Keep the answer of a call that raced or followed. @param {Recorded} call @param {Message} answer */
function answered(call, answer) {
  const words = keep(call, answer);
  if (call.op === 'events.create') answers[call.says] = words;
  STREAMS: if (answer.value?.chunks || call.op === 'stream.rest') answers[call.says] = words;
  return words;
}

/** Perform a call with nothing racing. @param {Pick<Recorded, 'actor' | 'op' | 'args' | 'at'>} call @returns {Promise<Message>} */
async function alone({ actor, op, args, at }) {
  const host = hostOf(actor);
  const own = host.actors.includes(actor) ? actor : host.actors[0];
  clock.advance(base + at);
  return await host.ask({ type: 'call', actor: own, op, args: args(), gated: false }, op);
}

//! Do it on other runs first, nothing racing: it makes connections and fills caches. Then what races does what was
//! recorded.
/** @param {Place} place */
async function rehearse(place) {
  const own = { ...id };
  const files = new Set(filesIn(place));
  const calls = Object.values(RACE);
  for (let turn = 0; turn < calls.length; turn++) {
    for (const [name, value] of Object.entries(own)) id[name] = value && `${value}_${turn}`;
    for (const call of [...GIVEN, ...calls.slice(turn).flat(), ...calls.slice(0, turn).flat()]) keep(call, await alone(call));
    for (const file of filesIn(place)) if (!files.has(file)) fs.rmSync(file);
  }
  Object.assign(id, own);
  forgetStarts();
  base = START;
  clock.advance(START);
  for (const host of hosts) await host.ask({ type: 'reset', seed: seeds++, still: STILL }, 'a new beginning');
}

/** @param {Place} place */
function filesIn(place) {
  const found = /** @type {string[]} */ (fs.readdirSync(place.directory, { recursive: true }));
  return found.map((name) => path.join(place.directory, name)).filter((file) => fs.statSync(file).isFile());
}

// Run the whole of it; the exit status.
async function play() {
  /** @type {Place | undefined} */
  let place;
  try {
    const tag = Date.now().toString(36);
    if (!WORLD.fresh) for (const [name, value] of Object.entries(id)) id[name] = value && `${value}_${tag}`;
    place = makePlace(tag);
    hide(`${place.namespace}:`);
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
    const { directory } = place;
    // A host says so by a file when an actor waits for a lock that is a file.
    const mayWait = () => WORLD.locks || fs.readdirSync(directory).some((name) => name.startsWith('.waiting-'));
    await race({ hostOf, answered, kill, mayWait });
    if (hosts.length === 0) await open(place, ['A']);
    for (const call of AFTER) console.log(`- ${call.says}: ${answered(call, await alone(call))}`);
    racing = false;
    const facts = await stored(async (op, ...args) => {
      const { value, error } = await alone({ actor: '-', op, args: () => args, at: 0 });
      if (error) throw Object.assign(new Error(error.message), error);
      return value;
    });
    table('The answers', answers);
    table('What is stored', facts);
    return judge({ ...answers, ...facts, ...(errorLines > 0 && { 'lines logged as errors': 'some' }) }, keptOrder()) ? 1 : 0;
  } catch (error) {
    console.error(`\nCould not be run: ${error instanceof CannotRun ? error.message : /** @type {Error} */ (error).stack}`);
    return 2;
  } finally {
    for (const { process } of hosts) process.kill('SIGKILL');
    if (place) fs.rmSync(place.directory, { recursive: true, force: true });
  }
}

if (process.env.WORLD_HOST_IN) host(createRequire(import.meta.url));
else {
  process.on('uncaughtException', (error) => {
    console.error(`\nCould not be run: ${error.stack}`);
    process.exit(2); // Node would end with 1, which means that the World is wrong
  });
  process.exitCode = await play();
}
