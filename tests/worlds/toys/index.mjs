// @ts-check
/**
 * A World that behaves badly in one way, named by its option `way`: what the suite must survive.
 * It keeps nothing and answers nothing right; only how it fails matters.
 */
import fs from 'node:fs';

/** @param {{way?: string}} options */
export function createWorld({ way } = {}) {
  let calls = 0;
  /** @type {Record<string, () => unknown>} */
  const ways = {
    hangs: () => new Promise(() => {}),
    dies: () => process.exit(3),
    killed: () => process.kill(process.pid, 'SIGKILL'),
    garbage: () => fs.writeSync(Number(process.env.TOY_OUT ?? 4), 'this is no message\n'),
    throws: () => {
      throw new TypeError("cannot read properties of undefined (reading 'x')");
    },
    floods: () => {
      for (let line = 0; line < 1000; line++) console.error(`<script>alert(${line})</script> ${'x'.repeat(400)}`);
    },
  };
  if (way === 'unmakeable') throw new Error('no such database redis://user:hunter2@localhost', { cause: new Error('there is no such table') });
  return {
    events: {
      /** @param {string | null} runId @param {any} data */
      async create(runId, data) {
        calls++;
        if (way === 'floods' || calls > 2) await ways[way ?? 'hangs']();
        return {
          event: { ...data, eventId: `evnt_${calls}`, runId, createdAt: new Date() },
          run: { runId: runId ?? `wrun_${calls}`, status: 'running', startedAt: new Date(0) },
          ...(data.correlationId && { step: { stepId: data.correlationId, status: 'running', attempt: 1 } }),
        };
      },
      async list() {
        return { data: [], cursor: null, hasMore: false };
      },
    },
    runs: { get: async (/** @type {string} */ runId) => ({ runId, status: 'running', startedAt: new Date(0) }) },
    steps: { list: async () => ({ data: [] }) },
    hooks: { list: async () => ({ data: [] }), getByToken: async () => null },
  };
}
