// How long an answer is waited for, counted while this process runs itself. After a machine slept, or a thread of it was
// held up, a timer for the whole time would go off before the answer that has been lying there is read.
const STEPS = 8;

/** Calls `giveUp` after `limitMs` of waiting; a pause of this process counts as an eighth of it at most. @returns its end */
export function startTimeout(limitMs: number, giveUp: () => void): () => void {
  let left = STEPS;
  const timer = setInterval(() => {
    left--;
    if (left > 0) return;
    clearInterval(timer);
    giveUp();
  }, limitMs / STEPS);
  return () => clearInterval(timer);
}
