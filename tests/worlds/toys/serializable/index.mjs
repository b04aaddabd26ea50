// @ts-check
/** A SERIALIZABLE transaction of PostgreSQL for each event, tried again from the beginning when the service ends it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { runsOver } from '../runs.mjs';

const CONFLICT = '40001';

/** @param {{url: string, packages: string}} options `packages`: a package beside which `pg` is installed */
export async function createWorld({ url, packages }) {
  const { Pool } = createRequire(`${packages}/`)('pg');
  const pool = new Pool({ connectionString: url, max: 2 });
  await pool.query('CREATE TABLE IF NOT EXISTS documents (id text PRIMARY KEY, doc text)').catch(() => {});
  const transaction = new AsyncLocalStorage();
  /** @param {string} sql @param {unknown[]} values */
  const query = (sql, values) => (transaction.getStore() ?? pool).query(sql, values);

  /** @template T @param {any} client @param {() => Promise<T>} work */
  async function once(client, work) {
    await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
    try {
      const done = await transaction.run(client, work);
      await client.query('COMMIT');
      return done;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    }
  }

  return {
    ...runsOver({
      read: async (runId) => (await query('SELECT doc FROM documents WHERE id = $1', [runId])).rows[0]?.doc,
      write: (runId, doc) =>
        query('INSERT INTO documents VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET doc = EXCLUDED.doc', [runId, doc]),
      async alone(work) {
        const client = await pool.connect();
        try {
          for (;;) {
            try {
              return await once(client, work);
            } catch (/** @type {any} */ error) {
              if (error.code !== CONFLICT) throw error;
            }
          }
        } finally {
          client.release();
        }
      },
    }),
    close: () => pool.end(),
  };
}
