import { describe, expect, test } from 'vitest';
import { type Address, formatAddress, parseAddress, VIEWS } from './address.ts';

describe('parseAddress', () => {
  test('parses every address that formatAddress writes', () => {
    const addresses: Address[] = [
      ...VIEWS.map((view) => ({ view })),
      { view: 'receipt', id: '0mjv6k2g0abcdefghijklmnop' },
      { view: 'studio', path: '' },
      { view: 'studio', path: 'runs/abc?x=epoch' },
    ];
    for (const address of addresses) expect(parseAddress(formatAddress(address))).toEqual(address);
  });

  test('returns the first view for an unknown one, and null for an anchor', () => {
    expect(['', '#', '#/', '#/nowhere', '#/receipt', '#/batch/'].map(parseAddress)).toEqual([
      { view: 'check' },
      { view: 'check' },
      { view: 'check' },
      { view: 'check' },
      { view: 'check' },
      { view: 'batch' },
    ]);
    expect(['#main', '#model'].map(parseAddress)).toEqual([null, null]);
  });
});
