import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resolveUserPath } from './user-path.ts';

it.each([
  ['~', homedir()],
  ['~/data/x.csv', join(homedir(), 'data/x.csv')],
  ['data/x.csv', '/here/data/x.csv'],
  ['/data/~/x.csv', '/data/~/x.csv'],
  ['~x.csv', '/here/~x.csv'],
  ['./~/x.csv', '/here/~/x.csv'],
])('opens ~ only at the start of a path: %s', (path, expected) => {
  expect(resolveUserPath('/here', path)).toBe(expected);
});
