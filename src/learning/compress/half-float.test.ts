import { describe, expect, it } from 'vitest';
import { narrowToHalf } from './half-float.ts';

const half = (value: number): number => narrowToHalf(Float32Array.of(value))[0]!;

describe('narrowToHalf', () => {
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [0.333251953125, 0x3555],
  ])('writes %d as IEEE 754 has it', (value, bits) => {
    expect(half(value)).toBe(bits);
  });

  it('rounds to the nearest, and halves to the even one', () => {
    expect(half(1 + 2 ** -11)).toBe(0x3c00);
    expect(half(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(half(1 + 2 ** -11 + 2 ** -20)).toBe(0x3c01);
    expect(half(1.5 * 2 ** -24)).toBe(0x0002);
    expect(half(0.5 * 2 ** -24)).toBe(0x0000);
    expect(half(2 ** -14 - 2 ** -26)).toBe(0x0400);
  });

  it('keeps numbers that are too large finite', () => {
    expect(half(1e6)).toBe(0x7bff);
    expect(half(-Number.POSITIVE_INFINITY)).toBe(0xfbff);
    expect(half(Number.NaN)).toBe(0x7e00);
  });
});
