import { describe, expect, it } from 'vitest';
import { type GeneratorFigures, listDistortions } from './generator-watch.ts';

const idle: GeneratorFigures = { cpuShare: 0.2, lagP99Ms: 1, lagMaxMs: 30, peakMemoryBytes: 1e8 };

describe('the distortions by a load generator', () => {
  it('are none while it has time to spare', () => {
    expect(listDistortions(idle)).toEqual([]);
  });

  it('hold the measured numbers and the limits that they exceed', () => {
    expect(listDistortions({ ...idle, cpuShare: 0.93, lagP99Ms: 41 })).toEqual([
      { code: 'GENERATOR_BUSY', cpuShare: 0.93, highestShare: 0.8 },
      { code: 'GENERATOR_LATE', lagP99Ms: 41, highestMs: 20 },
    ]);
  });
});
