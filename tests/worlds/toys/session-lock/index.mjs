// @ts-check
/**
 * Locks with a session lock of PostgreSQL, on the one connection of its process. Two processes keep each other
 * out; two calls of one process have the lock both at once, for it is given again to the session that has it.
 */
import { createRequire } from 'node:module';
import { runsOver } from '../runs.mjs';

/** @param {{url: string, packages: string}} options `packages`: a package beside which `pg` is installed */
export async function createWorld({ url, packages }) {
  const { Client } = createRequire(`${packages}/`)('pg');
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('CREATE TABLE IF NOT EXISTS documents (id text PRIMARY KEY, doc text)').catch(() => {});
  return {
    ...runsOver({
      read: async (runId) => (await client.query('SELECT doc FROM documents WHERE id = $1', [runId])).rows[0]?.doc,
      write: (runId, doc) =>
        client.query(
          'INSERT INTO documents VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET doc = EXCLUDED.doc',
          [runId, doc],
        ),
      async alone(work) {
        await client.query('SELECT pg_advisory_lock(7)');
        try {
          return await work();
        } finally {
          await client.query('SELECT pg_advisory_unlock(7)');
        }
      },
    }),
    close: () => client.end(),
  };
}
