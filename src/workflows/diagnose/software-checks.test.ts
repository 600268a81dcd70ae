import { expect, it } from 'vitest';
import { checkNode } from './software-checks.ts';

it('refuses a Node.js that is too old', () => {
  const status = (version: string): string => checkNode(version).status;
  expect(['18.20.0', '20.18.3'].map(status)).toEqual(['fail', 'fail']);
  expect(['20.19.0', '22.0.0', '24.1.0'].map(status)).toEqual(['ok', 'ok', 'ok']);
});
