// Numbers as people read them. A probability is never shown as 0% or 100%: no model is that sure.
const count = new Intl.NumberFormat('en');

/** `97%`, `>99%`, `<1%`. */
export function formatProbability(probability: number): string {
  if (probability > 0.99) return '>99%';
  if (probability < 0.01) return '<1%';
  return `${Math.round(probability * 100)}%`;
}

/** A share that was measured: `93.4%`. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

/** `1,234` */
export function formatCount(value: number): string {
  return count.format(value);
}

/** `5 million`, `820 thousand`, `950`: the size of a model, not its exact count. */
export function formatSize(value: number): string {
  if (value >= 995_000) return `${Number((value / 1e6).toPrecision(2))} million`;
  if (value >= 1000) return `${Number((value / 1e3).toPrecision(2))} thousand`;
  return String(value);
}

/** `3 January 2026` */
export function formatDate(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime())
    ? iso
    : date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
}

export function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
