// @ts-check
/** What the World prints becomes `log` messages, with a level and an origin, ahead of the answer that follows. */
import { format } from 'node:util';
import { currentCall } from './calls.mjs';

/** @typedef {'debug' | 'info' | 'warn' | 'error'} Level */
/** @typedef {(level: Level, origin: string, text: string, actor: string | undefined) => void} Sink */

/** @type {Record<string, Level>} */
const CONSOLE = { log: 'info', info: 'info', debug: 'debug', trace: 'debug', dir: 'info', warn: 'warn', error: 'error' };
/** pino and bunyan write their level as a number. @type {[number, Level][]} */
const NUMBERS = [[50, 'error'], [40, 'warn'], [30, 'info'], [0, 'debug']];

/**
 * The level of a line that was written to a stream by hand.
 * @param {string} text @param {Level} otherwise @returns {Level}
 */
export function levelOf(text, otherwise) {
  const json = /^\{.*"level":\s*(?:(\d+)|"(\w+)")/.exec(text);
  const number = json?.[1];
  if (number !== undefined) return /** @type {[number, Level]} */ (NUMBERS.find(([least]) => Number(number) >= least))[1];
  const word = json?.[2] ?? /\b(?:workflow:[\w-]+:)(debug|info|warn|error)\b/.exec(text)?.[1]
    ?? /^\s*\[?(debug|info|warn|warning|error|fatal)\]?[:\s]/i.exec(text)?.[1];
  if (word !== undefined) {
    const lower = word.toLowerCase();
    if (lower === 'fatal' || lower === 'error') return 'error';
    if (lower.startsWith('warn')) return 'warn';
    return lower === 'debug' ? 'debug' : 'info';
  }
  if (/^\(node:\d+\) /.test(text)) return 'warn';
  if (/^(?:Uncaught )?\w*Error\b/.test(text)) return 'error';
  return otherwise;
}

/** @param {string} text @param {string} otherwise */
function originOf(text, otherwise) {
  if (/^\[Workflow\]|\bworkflow:[\w-]+:/.test(text)) return 'runtime';
  return otherwise;
}

/** Take over the console and both streams. @param {Sink} sink */
export function patch(sink) {
  for (const [name, level] of Object.entries(CONSOLE)) {
    /** @type {any} */ (console)[name] = (/** @type {any[]} */ ...args) => {
      const call = currentCall();
      const text = format(...args);
      sink(level, originOf(text, call === undefined ? 'console' : 'world'), text, call?.actor.name);
    };
  }
  for (const [stream, otherwise] of /** @type {[NodeJS.WriteStream, Level][]} */ ([
    [process.stdout, 'info'],
    [process.stderr, 'warn'],
  ])) {
    stream.write = /** @type {any} */ (
      (/** @type {any} */ chunk, /** @type {any} */ encoding, /** @type {any} */ done) => {
        const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
        const actor = currentCall()?.actor.name;
        for (const line of text.split('\n')) {
          if (line.trim() !== '') sink(levelOf(line, otherwise), originOf(line, 'process'), line, actor);
        }
        const after = typeof encoding === 'function' ? encoding : done;
        if (typeof after === 'function') process.nextTick(after);
        return true;
      }
    );
  }
}
