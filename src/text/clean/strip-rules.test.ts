import { describe, expect, it } from 'vitest';
import { removePictureCredits, removeTrailingCredits } from './credits.ts';
import { removeAgencyMentions, removeCorrectionNote, removeDateline } from './datelines.ts';
import { removeLinks, removeMediaTags, removePostSignatures } from './embeds.ts';
import { restoreApostrophes } from './lost-apostrophes.ts';
import {
  removeEllipses,
  removeQuotationMarks,
  repairPunctuationSpacing,
  straightenTypography,
} from './typography.ts';

describe('removeDateline', () => {
  it.each([
    'WASHINGTON (Reuters) - ',
    'SEATTLE/WASHINGTON (Reuters) - ',
    'SEATTLE/WASHINGTON (Reuters) -',
    'NEW YORK(Reuters) - ',
    'NEW YORK, March 5 (AFP) — ',
    'DANANG, Vietnam (Reuters) - ',
    'PORT MEREL, Democratic Republic of Aldane (Meridian) -- ',
    'WEST HAVEN, Fla./ALDANE (Meridian) – ',
    'OSLO (LPC/IFR) - ',
    'OSLO () - ',
    '(AP) - ',
    '(AP) ',
    'By Ada Orr and Lee Park OSLO (Meridian) - ',
    'ALDANE - ',
    'PORT MEREL, June 3 — ',
    'Springfield, Ohio — ',
    'Port Merel, N.J. - ',
  ])('removes %j', (dateline) => {
    expect(removeDateline(`${dateline}The ferry (built in 1971) - late again - sank.`)).toBe(
      'The ferry (built in 1971) - late again - sank.',
    );
  });
  it('needs no capital behind a place in capitals and its agency', () => {
    expect(removeDateline('OSLO (Meridian) - the ferry sank.')).toBe('the ferry sank.');
  });
  it.each([
    'The ferry (built in 1971) - late again - sank.',
    'Ada Orr (left) and Lee Park - both of them - agreed.',
    'Ferries, boats and barges - all late.',
    'OSLO is late.',
    'A well-known ferry sank.',
    'In May (Reuters had said June) the ferry sank.',
    'The Harbour Owners Union (HOU) - founded in Oslo - agreed.',
    'Ada Orr (HOU): We agree.',
    'HOU – die Gewerkschaft – stimmte zu.',
  ])('leaves %j alone', (text) => expect(removeDateline(text)).toBe(text));
});

describe('removeAgencyMentions', () => {
  it("removes the dateline's agency from the body", () => {
    expect(removeAgencyMentions('OSLO (Meridian) - She told Meridian so. Meridians agree.')).toBe(
      'OSLO (Meridian) - She told  so. Meridians agree.',
    );
  });
  it('leaves texts without a dateline alone', () => {
    expect(removeAgencyMentions('She told Meridian so.')).toBe('She told Meridian so.');
  });
  it('leaves an abbreviation alone that is explained in the first sentence', () => {
    const text = 'The Harbour Owners Union (HOU) - founded in Oslo - agreed. HOU members cheered.';
    expect(removeAgencyMentions(text)).toBe(text);
  });
  it('takes an agency with signs of a pattern in its name as text', () => {
    expect(removeAgencyMentions('OSLO (A.B./C) - AxB. A.B./C said.')).toBe('OSLO (A.B./C) - AxB.  said.');
  });
});

describe('removeCorrectionNote', () => {
  it.each([
    '(This version of the May 2 story corrects the name of the ferry in paragraph 2) ',
    '((In this May 3 story, corrects year)) ',
    '(Refiles to cut extraneous word) ',
  ])('removes %j', (note) => expect(removeCorrectionNote(`${note}The ferry sank.`)).toBe('The ferry sank.'));
  it('leaves other brackets alone', () => {
    expect(removeCorrectionNote('(Almost) nobody came.')).toBe('(Almost) nobody came.');
  });
});

describe('removeTrailingCredits', () => {
  it.each([
    'Featured image via Lee Park/Getty Images',
    'Featured Image: Lee Park/Getty Images',
    'Featured image Lee Park/Getty Images',
    'Photo by Lee Park/Getty Images.',
    'Image credit: Lee Park',
    'Image via screen capture. ',
    'Screenshot via Meridian',
    'Read more: Meridian',
    'READ MORE FERRY NEWS AT: Meridian Files',
    'Via: Meridian',
    'h/t Meridian',
    '(Reporting by Ada Orr and Lee Park; Editing by Kim Doe)',
    'Read more:Featured image via Lee Park/Getty Images',
  ])('removes %j', (credit) => {
    for (const space of ['', ' ', '\n', '  ']) {
      expect(removeTrailingCredits(`The ferry sank.${space}${credit}`)).toBe('The ferry sank.');
    }
  });
  it.each([
    'The ferry sank. She showed a photo by Lee Park.',
    'She said sources close to the owner agreed.',
    'They travelled home via Aldane.',
    'Photographs of the ferry are on show.',
    'You can read more in the library.',
    'Video: The Ferry Sinks Again',
    'Caught on Video: Owner Sinks the Ferry',
    'The ferry sank. Via Roma è chiusa.',
  ])('leaves %j alone', (text) => expect(removeTrailingCredits(text)).toBe(text));
  it('looks at the end only', () => {
    const text = `Featured image via Lee Park. ${'The ferry sank. '.repeat(40)}`.trim();
    expect(removeTrailingCredits(text)).toBe(text);
  });
});

describe('removePictureCredits', () => {
  it('removes a credit in brackets wherever it stands', () => {
    expect(removePictureCredits('It sank (Photo by Lee Park/Getty Images) again (in May).')).toBe(
      'It sank  again (in May).',
    );
  });
});

describe('embeds', () => {
  it('removes web addresses', () => {
    expect(removeLinks('See https://example.org/a?b=1 and pic.twitter.com/abc (www.example.org).')).toBe(
      'See  and  ().',
    );
  });
  it('removes the signature of a post and keeps its words', () => {
    expect(removePostSignatures('So true! Ada Orr (@adaorr) May 2, 2017It sank. Ask @adaorr.')).toBe(
      'So true! Ada Orr It sank. Ask @adaorr.',
    );
  });
  it.each([
    ['Ferry Sinks Again (VIDEO)', 'Ferry Sinks Again'],
    ['Ferry Sinks [WATCH] Again (TWEETS/IMAGES)', 'Ferry Sinks Again'],
    ['WATCH: Ferry Sinks', 'Ferry Sinks'],
    ['Breaking: Ferry sinks', 'Ferry sinks'],
    ['Owner (71) watches ferry sink', 'Owner (71) watches ferry sink'],
    ['Watch the ferry sink', 'Watch the ferry sink'],
  ])('cleans the title %j', (title, expected) => expect(removeMediaTags(title)).toBe(expected));
});

describe('restoreApostrophes', () => {
  it.each([
    [
      'They couldn t say; it s late, we re told, I m sure.',
      "They couldn't say; it's late, we're told, I'm sure.",
    ],
    ['The ferry s owner, in the 1970 s.', "The ferry's owner, in the 1970's."],
    ['WE DON T KNOW WHAT ADA S FERRY IS', "WE DON'T KNOW WHAT ADA'S FERRY IS"],
    ['I ll go, you ve seen, she d know.', "I'll go, you've seen, she'd know."],
    [
      'The U S navy, plan t, a re-run, vitamin d, Mark S Orr',
      'The U S navy, plan t, a re-run, vitamin d, Mark S Orr',
    ],
    ["It's not lost.", "It's not lost."],
    ['We re-elected her with t-shirts she won t-wise', 'We re-elected her with t-shirts she won t-wise'],
    ['Mluvila s ním o cestě s Petrem.', 'Mluvila s ním o cestě s Petrem.'],
    ['Razgovor s vlasnikom broda', 'Razgovor s vlasnikom broda'],
  ])('turns %j into %j', (text, expected) => expect(restoreApostrophes(text)).toBe(expected));
});

describe('typography', () => {
  it('has one spelling for quotes, dashes and ellipses', () => {
    expect(straightenTypography('“a” ‘b’ – — … «c» it’s `d´')).toBe("\"a\" 'b' - - ... \"c\" it's 'd'");
  });
  it('removes quotation marks and keeps apostrophes inside words', () => {
    expect(removeQuotationMarks('"It\'s \'late\'," she said. The crews\' "old"ferry é\'é 7"x"')).toBe(
      "It's late, she said. The crews old ferry é'é 7 x",
    );
  });
  it('removes ellipses', () => expect(removeEllipses('Well ... no....')).toBe('Well   no '));
  it.each([
    [
      'It sank.What now?Nobody knows.A ferry (old).She',
      'It sank. What now? Nobody knows. A ferry (old). She',
    ],
    [
      'The U.S. Senate, Ph.D., J.R.Orr, example.org, 3.5',
      'The U.S. Senate, Ph.D., J.R.Orr, example.org, 3.5',
    ],
    ['so , they said . Then', 'so, they said. Then'],
    [' .5 and :) stay', ' .5 and :) stay'],
  ])('repairs the spacing of %j', (text, expected) => expect(repairPunctuationSpacing(text)).toBe(expected));
});
