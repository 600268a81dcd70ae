import { describe, expect, it } from 'vitest';
import { normaliseUnicode, removeInvisible } from './characters.ts';
import { decodeEntities } from './entities.ts';
import { collapseWhiteSpace } from './white-space.ts';

describe('decodeEntities', () => {
  it.each([
    ['Tea &amp; toast', 'Tea & toast'],
    ['It&#8217;s &#x201c;late&#X201D;', 'It’s “late”'],
    ['caf&eacute; &ndash; &nbsp;&hellip; &yuml;&not;', 'café – \u00a0… ÿ¬'],
    ['don&#146;t &#x93;go&#x94; &#128;5', 'don’t “go” €5'],
    ['&amp;lt;b&amp;gt;', '&lt;b&gt;'],
    ['AT&T; R&D &unknown; & &#0; &#xd800; &#99999999;', 'AT&T; R&D &unknown; & &#0; &#xd800; &#99999999;'],
  ])('turns %j into %j', (text, expected) => expect(decodeEntities(text)).toBe(expected));
});

describe('removeInvisible', () => {
  it('removes controls, zero-width and direction marks', () => {
    expect(removeInvisible('\ufeffa\u0000b\u200bc\u00add\u202ee\u0007f\u0090')).toBe('abcdef');
  });
  it('keeps line breaks, tabs and the joiners of scripts and emoji', () => {
    expect(removeInvisible('a\r\n\tb \u200c \u{1f469}\u200d\u{1f680}')).toBe(
      'a\r\n\tb \u200c \u{1f469}\u200d\u{1f680}',
    );
  });
  it('removes halves of surrogate pairs and keeps whole ones', () => {
    expect(removeInvisible('a\ud83db\udc80c\u{1f600}')).toBe('abc\u{1f600}');
  });
});

describe('normaliseUnicode', () => {
  it('writes an accented letter in one way', () => expect(normaliseUnicode('cafe\u0301')).toBe('caf\u00e9'));
});

describe('collapseWhiteSpace', () => {
  it.each([
    ['one, two\nthree', 'one, two\nthree'],
    ['  a \t b\u00a0\u2003c  ', 'a b c'],
    ['a \n b\r\nc\rd', 'a\nb\nc\nd'],
    ['a\n\n\n\nb\n \nc', 'a\n\nb\n\nc'],
    ['a\u2028b\u2029c', 'a\nb\nc'],
    [' \n ', ''],
  ])('turns %j into %j', (text, expected) => expect(collapseWhiteSpace(text)).toBe(expected));
});
