import { describe, expect, it } from 'vitest';
import { parseIsoDate } from './iso-date.ts';

describe('parseIsoDate', () => {
  it.each([
    ['2017-05-02', '2017-05-02'],
    ['2017-05-02T23:30:00+02:00', '2017-05-02'],
    ['May 2, 2017 ', '2017-05-02'],
    ['Dec 31, 2017', '2017-12-31'],
    ['Sept. 1, 2017', '2017-09-01'],
    ['2 May 2017', '2017-05-02'],
    ['14-Feb-18', '2018-02-14'],
    ['14-Feb-98', '1998-02-14'],
    ['2016-02-29', '2016-02-29'],
  ])('reads %j as %s', (text, expected) => expect(parseIsoDate(text)).toBe(expected));

  it.each([
    '',
    'yesterday',
    '03/05/2017',
    '2017-02-29',
    '2017-13-01',
    'May 32, 2017',
    'Foo 2, 2017',
    'https://example.org/x',
  ])('does not guess at %j', (text) => expect(parseIsoDate(text)).toBeNull());

  it('does not depend on the time zone', () => {
    const zone = process.env.TZ;
    try {
      for (const other of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
        process.env.TZ = other;
        expect(parseIsoDate('May 2, 2017')).toBe('2017-05-02');
      }
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });
});
