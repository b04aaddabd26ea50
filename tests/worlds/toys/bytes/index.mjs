// @ts-check
/** A World in memory that keeps bytes as they are, and anything else as JSON: the runtime sends bytes. */
import { runsOver } from '../runs.mjs';

const VALUES = ['input', 'output', 'result', 'payload'];

/** @param {[string, any]} entry */
const kept = ([key, value]) => [key, VALUES.includes(key) && !(value instanceof Uint8Array) ? JSON.stringify(value) : value];

export function createWorld() {
  /** @type {Map<string, string>} */
  const docs = new Map();
  let last = Promise.resolve();
  const world = runsOver({
    read: async (runId) => docs.get(runId),
    write: async (runId, doc) => docs.set(runId, doc),
    alone: (work) => {
      const done = last.then(work);
      last = done.then(() => {}, () => {});
      return done;
    },
  });
  /** @param {string | null} runId @param {any} event */
  const create = (runId, event) =>
    world.events.create(runId, event.eventData ? { ...event, eventData: Object.fromEntries(Object.entries(event.eventData).map(kept)) } : event);
  return { ...world, specVersion: 3, events: { ...world.events, create } };
}
