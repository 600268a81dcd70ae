import { describe, expect, test } from 'vitest';
import { type AdmissionRequest, createAdmission } from './admission.ts';

const request = (nowMs: number, more: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  nowMs,
  waitMs: 0,
  workMs: 10,
  workers: 2,
  longestMs: 20,
  ...more,
});

describe('createAdmission', () => {
  test('lets a burst wait up to the budget, and no longer', () => {
    const admission = createAdmission(500);
    expect(admission.decide(request(0, { waitMs: 500 }))).toEqual({ admitted: true, budgetMs: 500 });
    expect(admission.decide(request(1, { waitMs: 501 }))).toEqual({ admitted: false, budgetMs: 500 });
  });

  test('allows half the time of one article while more work is offered than the threads can do, and then the budget again', () => {
    const admission = createAdmission(500);
    // 3 s of work a second for 2 threads
    let nowMs = 0;
    for (; nowMs < 1000; nowMs += 10) admission.decide(request(nowMs, { waitMs: nowMs, workMs: 30 }));
    expect(admission.decide(request(nowMs, { waitMs: 11, workMs: 30 }))).toEqual({
      admitted: false,
      budgetMs: 10,
    });
    expect(admission.decide(request(nowMs, { waitMs: 10, workMs: 30 })).admitted).toBe(true);
    // 1 s of work a second
    for (; nowMs < 2100; nowMs += 10) admission.decide(request(nowMs, { waitMs: 11 }));
    expect(admission.decide(request(nowMs, { waitMs: 400 }))).toEqual({ admitted: true, budgetMs: 500 });
  });

  test('lets just enough wait to bridge the gap to the next request when requests are frequent', () => {
    const admission = createAdmission(500);
    let nowMs = 0;
    for (; nowMs < 1000; nowMs += 1) admission.decide(request(nowMs, { waitMs: nowMs }));
    const { admitted, budgetMs } = admission.decide(request(nowMs, { waitMs: 5 }));
    expect(admitted).toBe(false);
    expect(budgetMs).toBeCloseTo(4, 1); // 1,000 requests a second: four gaps
    expect(admission.decide(request(nowMs, { waitMs: 3.9 })).admitted).toBe(true);
  });

  test('sees no overload in steady clients that fill the queue within the budget', () => {
    const admission = createAdmission(500);
    for (let nowMs = 0; nowMs < 5000; nowMs += 10)
      expect(admission.decide(request(nowMs, { waitMs: 400, workMs: 22 })).admitted).toBe(true);
  });

  test('forgets an overload after a pause', () => {
    const admission = createAdmission(500);
    for (let nowMs = 0; nowMs < 1500; nowMs += 10)
      admission.decide(request(nowMs, { waitMs: 600, workMs: 30 }));
    expect(admission.decide(request(9000, { waitMs: 300 })).admitted).toBe(true);
  });
});
