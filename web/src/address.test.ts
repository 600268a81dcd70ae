import { describe, expect, test } from 'vitest';
import { type Address, formatAddress, parseAddress, VIEWS } from './address.ts';

describe('parseAddress', () => {
  test('reads back every address that is written', () => {
    const addresses: Address[] = [
      ...VIEWS.map((view) => ({ view })),
      { view: 'receipt', id: '0mjv6k2g0abcdefghijklmnop' },
    ];
    for (const address of addresses) expect(parseAddress(formatAddress(address))).toEqual(address);
  });

  test('takes an unknown view for the first one, and a place within the page for none', () => {
    expect(['', '#', '#/', '#/nowhere', '#/receipt', '#/batch/'].map(parseAddress)).toEqual([
      { view: 'judge' },
      { view: 'judge' },
      { view: 'judge' },
      { view: 'judge' },
      { view: 'judge' },
      { view: 'batch' },
    ]);
    expect(['#main', '#model'].map(parseAddress)).toEqual([null, null]);
  });
});
