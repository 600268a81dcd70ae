import { expect, test } from 'vitest';
import { capitalise, formNouns, nameNouns, nounPattern } from './noun.ts';

test.each([
  ['complaint', 'complaints', 'a complaint'],
  ['inquiry', 'inquiries', 'an inquiry'],
  ['essay', 'essays', 'an essay'],
  ['speech', 'speeches', 'a speech'],
  ['support ticket', 'support tickets', 'a support ticket'],
])('%s has the plural %s', (one, many, any) => {
  expect(formNouns(one)).toEqual({ one, many, any });
});

test('a model without a noun has articles', () => {
  expect(nameNouns({}).many).toBe('articles');
  expect(capitalise('complaint')).toBe('Complaint');
});

test('a noun holds no markup, digits or line breaks', () => {
  expect(['complaint', 'support ticket', 'e-mail'].every((noun) => nounPattern.test(noun))).toBe(true);
  expect(['', 'a', '<b>', 'two\nlines', '4th'].some((noun) => nounPattern.test(noun))).toBe(false);
});
