// The address of a PostgreSQL server (VERACITY_DB), and how it is shown: without its password.
import { appError } from '../../foundation/core/index.ts';

/** @throws DATABASE_ADDRESS_INVALID */
export function parsePostgresAddress(text: string): URL {
  const expected = 'an address such as postgres://user:password@host:5432/database';
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw appError('DATABASE_ADDRESS_INVALID', { expected, got: 'something else' });
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:')
    throw appError('DATABASE_ADDRESS_INVALID', {
      expected,
      got: `an address that begins with ${url.protocol}`,
    });
  if (url.pathname.length < 2)
    throw appError('DATABASE_ADDRESS_INVALID', {
      expected,
      got: 'an address without the name of a database',
    });
  return url;
}

/** Without password and options. */
export function formatPostgresAddress(url: URL): string {
  const user = url.username === '' ? '' : `${url.username}@`;
  return `${url.protocol}//${user}${url.host}${url.pathname}`;
}
