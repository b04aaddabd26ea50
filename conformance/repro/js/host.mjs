// @ts-check
/** A host: a process with the World of some actors. Its protocol is docs/host-protocol.md of the suite. */
import { spawn } from 'node:child_process';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { decode, encode } from '../../hosts/node/values.mjs';
import { plain } from './stored.mjs';
import { CannotRun } from './place.mjs';

/** @typedef {Record<string, any> & {type: string}} Message */

/** Longest wait for an answer, and the silence that means waiting for a lock, in ms. */
export const LIMIT = 20_000;
export const SILENCE = 400;

/** The logical time, in ms since 1970. It never goes back. */
export const clock = {
  time: 0,
  /** @param {number} to */
  advance(to) {
    clock.time = Math.max(clock.time, to);
  },
};

//! A host holds each I/O operation of its actors and reports it (`gate`). `go` lets it go ahead.
export class Host {
  /** @param {string[]} actors @param {Record<string, string>} env @param {(log: Message, host: Host) => void} logged */
  constructor(actors, env, logged) {
    this.actors = actors;
    this.logged = logged;
    this.ids = 0;
    this.ended = '';
    /** nobody caught an error in it: a process that is no host would have ended */
    this.fell = false;
    /** @type {Map<number, Message[]>} what came and was not read, by call */
    this.waiting = new Map();
    this.wake = () => {};
    this.process = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url)], {
      env: { ...process.env, TZ: 'UTC', ...env, WORLD_HOST_IN: '3', WORLD_HOST_OUT: '4' },
      stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'pipe'],
    });
    const [, , , toHost, fromHost] = /** @type {any[]} */ (/** @type {unknown} */ (this.process.stdio));
    this.pipe = toHost;
    this.pipe.on('error', () => {}); // the host has ended, which is said below
    readline.createInterface({ input: fromHost }).on('line', (line) => this.take(plain(decode(JSON.parse(line)))));
    this.process.on('close', (code) => this.end(`the process of ${actors} ended with ${code}`));
  }

  /** @param {string} why */
  end(why) {
    this.ended ||= why;
    this.wake();
  }

  /** @param {Message} message */
  take(message) {
    clock.advance(message.clock ?? 0);
    if (message.type === 'log') {
      this.logged(message, this);
      return this.wake();
    }
    if (message.type === 'opening') return;
    if (message.type === 'refused') return this.end(`the World wanted to ${message.how ?? 'connect'} to ${message.address}`);
    const about = message.call ?? message.id;
    this.waiting.set(about, [...(this.waiting.get(about) ?? []), message]);
    this.wake();
  }

  /** Send a message, and give its id. @param {Message} message */
  send(message) {
    this.ids++;
    this.pipe.write(`${JSON.stringify(encode({ id: this.ids, clock: clock.time, ...message }))}\n`);
    return this.ids;
  }

  /** The next message about a call, or undefined after so many ms. @param {number} about @param {number} ms */
  async receive(about, ms) {
    for (const end = Date.now() + ms; !this.waiting.get(about)?.length && Date.now() < end; ) {
      if (this.ended) throw new CannotRun(this.ended);
      if (this.fell) return undefined;
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, end - Date.now());
        this.wake = () => {
          clearTimeout(timer);
          resolve(undefined);
        };
      });
    }
    return this.waiting.get(about)?.shift();
  }

  /** Send a message and wait for its answer. @param {Message} message @param {string} waitingFor @returns {Promise<Message>} */
  async ask(message, waitingFor) {
    const answer = await this.receive(this.send(message), LIMIT);
    if (answer === undefined) throw new CannotRun(`no sign for ${LIMIT / 1000} s: ${waitingFor}`);
    return answer;
  }
}
