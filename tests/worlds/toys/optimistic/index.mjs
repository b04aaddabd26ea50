// @ts-check
/** Writes what it decided if nobody wrote since it read, else reads again: a version in each row, and no lock. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { runsOver } from '../runs.mjs';

class Outdated extends Error {}

/** @param {{url: string, packages: string}} options `packages`: a package beside which `pg` is installed */
export async function createWorld({ url, packages }) {
  const { Pool } = createRequire(`${packages}/`)('pg');
  const pool = new Pool({ connectionString: url, max: 2 });
  await pool.query('CREATE TABLE IF NOT EXISTS versions (id text PRIMARY KEY, doc text, version int)').catch(() => {});
  /** @type {AsyncLocalStorage<{version: number}>} what a call has read */
  const seen = new AsyncLocalStorage();
  return {
    ...runsOver({
      async read(runId) {
        const [row] = (await pool.query('SELECT doc, version FROM versions WHERE id = $1', [runId])).rows;
        const mine = seen.getStore();
        if (mine) mine.version = row?.version ?? 0;
        return row?.doc;
      },
      async write(runId, doc) {
        const version = seen.getStore()?.version ?? 0;
        if (version === 0) return pool.query('INSERT INTO versions (id, doc, version) VALUES ($1, $2, 1)', [runId, doc]);
        const moved = await pool.query('UPDATE versions SET doc = $2, version = $4 WHERE id = $1 AND version = $3', [
          runId,
          doc,
          version,
          version + 1,
        ]);
        if (moved.rowCount === 0) throw new Outdated();
      },
      async alone(work) {
        for (;;) {
          try {
            return await seen.run({ version: 0 }, work);
          } catch (error) {
            if (!(error instanceof Outdated)) throw error;
          }
        }
      },
    }),
    close: () => pool.end(),
  };
}
