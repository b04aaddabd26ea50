// @ts-check
/** Makes the tables, where they are not there: `node setup.mjs`, with the address in MYSQL_URL. */
import { readFile } from 'node:fs/promises';
import { createConnection } from 'mysql2/promise';

const connection = await createConnection({ uri: process.env.MYSQL_URL, multipleStatements: true });
await connection.query(await readFile(new URL('./schema.sql', import.meta.url), 'utf8'));
await connection.end();
