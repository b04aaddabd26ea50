// @ts-check
/** Asks Redis for a lock every few milliseconds until it has it: right, and never still while it waits. */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { setTimeout as after } from 'node:timers/promises';
import { runsOver } from '../runs.mjs';

/** @param {{url: string, prefix: string, packages: string, lease?: number}} options `lease`: in ms */
export function createWorld({ url, prefix, packages, lease = 60_000 }) {
  const { Redis } = createRequire(`${packages}/`)('ioredis');
  const redis = new Redis(url);
  const lock = `${prefix}:lock`;
  return runsOver({
    read: (runId) => redis.get(`${prefix}:${runId}`),
    write: (runId, doc) => redis.set(`${prefix}:${runId}`, doc),
    async alone(work) {
      const mine = randomUUID();
      while ((await redis.set(lock, mine, 'PX', lease, 'NX')) === null) await after(3);
      try {
        return await work();
      } finally {
        if ((await redis.get(lock)) === mine) await redis.del(lock);
      }
    },
  });
}
