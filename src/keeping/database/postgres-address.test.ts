import { describe, expect, it } from 'vitest';
import { formatPostgresAddress, parsePostgresAddress } from './postgres-address.ts';

describe('the address of a PostgreSQL database', () => {
  it('is shown without password and options', () => {
    const url = parsePostgresAddress('postgresql://desk:secret@db.example:5433/runs?sslmode=require');
    expect(formatPostgresAddress(url)).toBe('postgresql://desk@db.example:5433/runs');
    expect(formatPostgresAddress(parsePostgresAddress('postgres://db.example/runs'))).toBe(
      'postgres://db.example/runs',
    );
  });

  it.each([
    ['veracity.db', 'something else'],
    ['', 'something else'],
    ['mysql://user:secret@host/runs', 'an address that begins with mysql:'],
    ['postgres://user:secret@host', 'an address without the name of a database'],
    ['postgres://user:secret@host/', 'an address without the name of a database'],
  ])('is refused, without repeating it: %s', (text, got) => {
    const parse = (): URL => parsePostgresAddress(text);
    expect(parse).toThrow(expect.objectContaining({ code: 'DATABASE_ADDRESS_INVALID' }));
    expect(parse).toThrow(got);
    expect(parse).not.toThrow('secret');
  });
});
