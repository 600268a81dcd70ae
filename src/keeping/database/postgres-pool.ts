// Connections to a PostgreSQL server, whose failures are errors of the catalogue. A server that restarts is waited for.
import { setTimeout as pause } from 'node:timers/promises';
import type { PostgresPool } from 'kysely';
import pg from 'pg';
import { appError } from '../../foundation/core/index.ts';
import { asPostgresError, isCrowded, isPassing } from './postgres-errors.ts';

/** A server that restarts, or has no free connection, is asked again for so long. */
export const RETRY_MS = 5_000;
export const RETRY_EVERY_MS = 100;
const CONNECT_MS = 10_000;
/** A transaction takes milliseconds. */
const IDLE_IN_TRANSACTION_MS = 10_000;
const MOST_CONNECTIONS = 4;
/** Type numbers of PostgreSQL: bigint, which the library gives as text, and numeric sums of them. */
const BIGINT = 20;
const NUMERIC = 1700;
const CHANGES_NOTHING = /^\s*(?:select|begin|start transaction)\b/i;

type PoolClient = Awaited<ReturnType<PostgresPool['connect']>>;

/** Connections that do not keep the process alive. @throws DATABASE_ADDRESS_INVALID */
export function createPool(url: URL, place: string, schema: string): PostgresPool {
  const pool = openPool(url);
  let hasAnswered = false;
  pool.on('error', () => {}); // an idle connection broke; the next query makes a new one
  pool.on('connect', (client) => {
    hasAnswered = true;
    client.on('error', () => {}); // a connection in use broke: its query fails, the process goes on
    // A client answers its queries in order, so this one comes before any other.
    void client.query(`set search_path to ${schema}`).catch(() => {});
  });
  const connect = async (): Promise<pg.PoolClient> => {
    const untilMs = performance.now() + RETRY_MS;
    for (;;) {
      try {
        return await pool.connect();
      } catch (cause) {
        const error = asPostgresError(cause, place);
        const isWorthIt = isCrowded(cause) || (hasAnswered && isPassing(error));
        if (!isWorthIt || performance.now() > untilMs) throw error;
        await pause(RETRY_EVERY_MS);
      }
    }
  };
  return {
    connect: async () => {
      let client = await connect();
      let isUsed = false;
      let isBroken = false;
      const query = async (text: string, values: unknown[]): Promise<unknown> => {
        const untilMs = performance.now() + RETRY_MS;
        for (;;) {
          try {
            const result = await client.query(text, values);
            isUsed = true;
            return result;
          } catch (cause) {
            const error = asPostgresError(cause, place);
            isBroken ||= isPassing(error);
            // What has changed nothing yet may be asked again.
            if (isUsed || !isBroken || !CHANGES_NOTHING.test(text) || performance.now() > untilMs)
              throw error;
            client.release(true);
            client = await connect();
            isBroken = false;
          }
        }
      };
      return { query, release: () => client.release(isBroken) } as unknown as PoolClient;
    },
    end: () => pool.end(),
  };
}

function openPool(url: URL): pg.Pool {
  try {
    return new pg.Pool({
      connectionString: url.href,
      max: MOST_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_MS,
      allowExitOnIdle: true,
      application_name: 'veracity',
      // A process that is frozen within a transaction would hold its locks, and so hold up all others.
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      keepAlive: true,
      types: { getTypeParser: readNumbers as typeof pg.types.getTypeParser },
    });
  } catch (cause) {
    const expected = 'an address such as postgres://user:password@host:5432/database';
    throw appError('DATABASE_ADDRESS_INVALID', { expected, got: 'one that cannot be read' }, { cause });
  }
}

function readNumbers(type: number, format?: 'text' | 'binary'): unknown {
  return type === BIGINT || type === NUMERIC ? Number : pg.types.getTypeParser(type, format as 'text');
}
