/**
 * A World with streams in files: a file for each chunk, and one called `end`. How it waits for more is asked for by
 * the option `waits`.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** @param {{folder: string, waits?: string}} options */
export function createWorld({ folder, waits = 'interval' }) {
  let cancelled = 0;
  let turns = 0;

  /** What a reader has not been given yet. @param {any} controller @param {{at: number, done: boolean}} reader */
  async function load(controller, reader) {
    turns++;
    const names = (await readdir(folder)).sort();
    for (const name of names.slice(reader.at)) {
      reader.at++;
      if (name === 'end') {
        reader.done = true;
        controller.close();
        return;
      }
      controller.enqueue(await readFile(path.join(folder, name)));
    }
  }

  /** @type {Record<string, (load: () => Promise<void>, reader: {done: boolean}) => unknown>} */
  const WAYS = {
    interval(more, reader) {
      const timer = setInterval(() => (reader.done ? clearInterval(timer) : more()), 100).unref();
    },
    timeout(more, reader) {
      const next = () => setTimeout(() => void more().then(() => reader.done || next()), 100);
      next();
    },
    promise(more, reader) {
      void (async () => {
        for (; !reader.done; await more()) await sleep(100);
      })();
    },
    /** Its source does not begin before its end. */
    async source(more, reader) {
      for (; !reader.done; await more()) await sleep(100);
    },
    /** It is told nothing, and gives up on its own. */
    limit(more) {
      setTimeout(more, 1_500).unref();
    },
  };

  return {
    runs: { get: async () => ({}) },
    events: { create: async () => ({}) },
    toy: { seen: async () => ({ cancelled, turns }) },
    async writeToStream(/** @type {string} */ name, /** @type {string} */ run, /** @type {string} */ chunk) {
      await writeFile(path.join(folder, chunk), chunk);
    },
    async closeStream() {
      await writeFile(path.join(folder, 'end'), '');
    },
    async readFromStream(/** @type {string} */ name, start = 0) {
      const reader = { at: start, done: false };
      return new ReadableStream({
        async start(controller) {
          for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
          await load(controller, reader);
          await WAYS[waits](() => load(controller, reader), reader);
        },
        cancel() {
          cancelled++;
          reader.done = true;
        },
      });
    },
  };
}
