import { describe, expect, test } from 'vitest';
import { measureDateline } from './dateline.ts';

describe('measureDateline', () => {
  test.each([
    'SEATTLE/WASHINGTON (Reuters) - ',
    'NEW YORK, March 5 (AFP) — ',
    '(AP) - ',
    'Port Aldane, 3 March – ',
    'ÖREBRO — ',
    'МОСКВА (ТАСС) - ',
  ])('finds %j', (dateline) => {
    expect(measureDateline(`${dateline}The ferry sank.`)).toBe(dateline.length);
  });

  test.each([
    'The ferry - late again - sank.',
    'Nobody said so (yet) and nobody will - ever.',
    '',
    'OSLO - ',
  ])('finds none in %j', (text) => {
    expect(measureDateline(text)).toBe(0);
  });
});
