// A prediction log and a feedback log in memory that hold the documented example: for tests of the HTTP layer.

import type { Feedback } from '../../src/foundation/records/feedback.ts';
import {
  predictionReceiptRecord,
  type ReceiptRecord,
} from '../../src/foundation/records/prediction-receipt.ts';
import type { FeedbackLog } from '../../src/keeping/journal/feedback-log.ts';
import { createPredictionId } from '../../src/keeping/journal/prediction-id.ts';
import type { NewReceipt, PredictionJournal } from '../../src/keeping/journal/prediction-store.ts';

export const EXAMPLE_ID = predictionReceiptRecord.example.id;

export function createExampleJournal(): PredictionJournal & { readonly receipts: ReceiptRecord[] } {
  const receipts = [predictionReceiptRecord.example];
  return {
    receipts,
    add: ({ article: _, ...receipt }: NewReceipt) => {
      const id = createPredictionId(Date.now());
      receipts.push({ schemaVersion: 2, id, createdAt: new Date().toISOString(), ...receipt });
      return id;
    },
    find: async (id) => receipts.find((receipt) => receipt.id === id),
    watch: () => {},
    flush: async () => {},
    close: async () => {},
  };
}

export function createExampleFeedback(): FeedbackLog & { readonly log: Feedback[] } {
  const log: Feedback[] = [];
  return {
    log,
    add: async (prediction, opinion) => {
      const feedback: Feedback = {
        schemaVersion: 1,
        createdAt: new Date().toISOString(),
        parents: [prediction.id],
        ...opinion,
        prediction,
      };
      log.push(feedback);
      return feedback;
    },
    recordExport: async () => undefined,
    listExports: async () => [],
    load: async () => log,
  };
}
