// @ts-check
/**
 * A World on MySQL: a run is one row, and an event is one UPDATE, which happens only if no other event came
 * between. A small World to begin with: a row grows with its log, and nothing is ever removed.
 */
import { randomUUID } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { createPool } from 'mysql2/promise';
import { next, refusal } from './transitions.mjs';

/** @typedef {import('./transitions.mjs').State} State */
/** @typedef {import('./transitions.mjs').Event} Event */

/** @param {{url: string}} options */
export function createWorld({ url }) {
  const pool = createPool({ uri: url, connectionLimit: 4 });

  /** @param {string} text @param {any[]} values @param {any} [connection] @returns {Promise<any>} */
  const query = async (text, values, connection = pool) => (await connection.query(text, values))[0];

  /** @param {string} runId @returns {Promise<State | undefined>} */
  async function read(runId) {
    const [row] = await query('SELECT state FROM runs WHERE run_id = ?', [runId]);
    return row && deserialize(row.state);
  }

  /** Whether the row was as it was read, and is written. @param {string} runId @param {State} state @param {any} [connection] */
  async function write(runId, state, connection) {
    const events = state.log.length;
    const written =
      events === 1
        ? await query('INSERT IGNORE INTO runs VALUES (?, ?, ?)', [runId, events, serialize(state)], connection)
        : await query(
            'UPDATE runs SET events = ?, state = ? WHERE run_id = ? AND events = ?',
            [events, serialize(state), runId, events - 1],
            connection,
          );
    return written.affectedRows === 1;
  }

  /**
   * The row and the tokens in one transaction. Throws what MySQL says of a token that is taken.
   * @param {string} runId @param {State} state @param {Event} event
   */
  async function writeWithTokens(runId, state, { eventType, correlationId, eventData }) {
    const connection = await pool.getConnection();
    try {
      await connection.beginTransaction();
      const written = await write(runId, state, connection);
      if (written && eventType === 'hook_created') {
        await query('INSERT INTO tokens VALUES (?, ?, ?)', [eventData.token, runId, correlationId], connection);
      } else if (written && eventType === 'hook_disposed') {
        await query('DELETE FROM tokens WHERE run_id = ? AND hook_id = ?', [runId, correlationId], connection);
      } else if (written) {
        await query('DELETE FROM tokens WHERE run_id = ?', [runId], connection);
      }
      await connection.commit();
      return written;
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
  }

  /** @param {string} runId @param {Event} event @returns {Promise<any>} */
  async function take(runId, event) {
    for (;;) {
      const { state, result, tokens } = next(await read(runId), runId, event, new Date());
      if (state === undefined) return result;
      try {
        if (await (tokens ? writeWithTokens(runId, state, event) : write(runId, state))) return result;
      } catch (/** @type {any} */ error) {
        if (error.code === 'ER_DUP_ENTRY') {
          const { token } = event.eventData;
          return take(runId, { ...event, eventType: 'hook_conflict', eventData: { token } });
        }
        if (error.code !== 'ER_LOCK_DEADLOCK') throw error;
      }
    }
  }

  /** @param {any[]} items @param {string} key @param {{limit?: number, cursor?: string, sortOrder?: string}} [asked] */
  function page(items, key, { limit = 100, cursor, sortOrder } = {}) {
    const ordered = sortOrder === 'desc' ? items.toReversed() : items;
    const from = cursor ? ordered.findIndex((item) => item[key] === cursor) + 1 : 0;
    const data = ordered.slice(from, from + limit);
    return { data, cursor: data.at(-1)?.[key] ?? cursor ?? null, hasMore: ordered.length > from + limit };
  }
  /** @param {{run_id: string, hook_id: string}[]} found */
  async function hook([found]) {
    const state = found && (await read(found.run_id));
    const live = state?.hook[found.hook_id];
    if (!live) throw refusal('missing', 'the hook was not found', 'HookNotFoundError');
    return live;
  }
  /** @param {string} runId */
  const existing = async (runId) => (await read(runId)) ?? { log: [], run: undefined, step: {}, hook: {}, wait: {} };

  return {
    events: {
      /** @param {string | null} given @param {Event} event */
      async create(given, event) {
        const runId = given ?? `wrun_${randomUUID()}`;
        const { deploymentId, workflowName, input } = event.eventData ?? {};
        // A start may make its run, should the creation have been lost.
        if (event.eventType === 'run_started' && deploymentId && workflowName && input !== undefined && !(await read(runId))) {
          await take(runId, { ...event, eventType: 'run_created' }).catch(ignoreConflict);
        }
        return take(runId, event);
      },
      list: async (/** @type {any} */ { runId, pagination }) => page((await existing(runId)).log, 'eventId', pagination),
    },
    runs: {
      async get(/** @type {string} */ runId) {
        const { run } = await existing(runId);
        return run ?? Promise.reject(refusal('missing', 'the run was not found', 'WorkflowRunNotFoundError'));
      },
    },
    steps: {
      async get(/** @type {string} */ runId, /** @type {string} */ id) {
        const { step } = await existing(runId);
        return step[id] ?? Promise.reject(refusal('missing', 'the step was not found'));
      },
      list: async (/** @type {any} */ { runId, pagination }) =>
        page(Object.values((await existing(runId)).step), 'stepId', pagination),
    },
    hooks: {
      get: async (/** @type {string} */ id) => hook(await query('SELECT * FROM tokens WHERE hook_id = ?', [id])),
      getByToken: async (/** @type {string} */ token) => hook(await query('SELECT * FROM tokens WHERE token = ?', [token])),
      list: async (/** @type {any} */ { runId, pagination }) =>
        page(Object.values((await existing(runId)).hook), 'hookId', pagination),
    },
    queue: async () => ({ messageId: `msg_${randomUUID()}` }),
    close: () => pool.end(),
  };
}

/** @param {any} error */
function ignoreConflict(error) {
  if (error.status !== 409) throw error;
}
