// Tests what every feedback log guarantees (src/keeping/journal/feedback-log.ts), with a factory of stores as parameter.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { predictionReceiptRecord } from '../../src/foundation/records/prediction-receipt.ts';
import type { FeedbackLog } from '../../src/keeping/journal/feedback-log.ts';
import { killElsewhere, runElsewhere, type StorePlace } from './place.ts';

const prediction = predictionReceiptRecord.example;

/** @param createPlace  a new, empty place for each test */
export function describeFeedbackLog(name: string, createPlace: () => StorePlace<FeedbackLog>): void {
  describe(`${name} keeps the promises of a feedback log`, () => {
    let place: StorePlace<FeedbackLog>;
    beforeEach(() => {
      place = createPlace();
    });
    afterEach(() => place.remove());
    const commentsOf = async () => (await place.open().load()).map(({ comment }) => comment);
    /** Adds `count` entries, each with a comment that begins with `name`. */
    const addMany = (name: string, count: number): string => `
      const prediction = ${JSON.stringify(prediction)};
      for (let i = 0; i < ${count}; i++) await store.add(prediction, { comment: '${name}' + i });`;

    it('is empty before the first entry', async () => {
      expect(await place.open().load()).toEqual([]);
    });

    it('returns entries from another instance in the order in which they were added', async () => {
      const log = place.open();
      const added = await log.add(prediction, { agrees: true });
      await log.add(prediction, {
        agrees: false,
        label: 'FAKE',
        comment: 'No: "see"\nthis.',
        reviewer: 'desk',
      });
      const [first, second] = await place.open().load();
      expect(first).toEqual(added);
      expect(second).toMatchObject({
        label: 'FAKE',
        comment: 'No: "see"\nthis.',
        prediction: { id: prediction.id },
      });
    });

    it('loses and mixes nothing if three processes add at once', async () => {
      await Promise.all(['a', 'b', 'c'].map((name) => runElsewhere(place.script(addMany(name, 50)))));
      const comments = await commentsOf();
      expect(comments).toHaveLength(150);
      for (const name of ['a', 'b', 'c'])
        expect(comments.filter((comment) => comment?.startsWith(name))).toEqual(
          Array.from({ length: 50 }, (_, i) => `${name}${i}`),
        );
    }, 30_000);

    it('keeps whole entries if a process is killed while it adds, and continues', async () => {
      await killElsewhere(
        place.script(`${addMany('before', 20)}
          console.log('added');
          for (let i = 20; ; i++) await store.add(prediction, { comment: 'before' + i });`),
      );
      await place.open().add(prediction, { comment: 'after' });
      const comments = await commentsOf();
      expect(comments.at(-1)).toBe('after');
      expect(comments.length).toBeGreaterThan(20);
      expect(comments.slice(0, -1)).toEqual(comments.slice(0, -1).map((_, i) => `before${i}`));
    }, 30_000);
  });
}
