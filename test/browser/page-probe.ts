// Measurements inside the page. They are source texts, because the tests are compiled without the types of browsers.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface PaintedText {
  readonly text: string;
  /** [r, g, b, a] with 0..255 and 0..1 */
  readonly colour: readonly number[];
  readonly background: readonly number[];
  readonly sizePx: number;
  readonly weight: number;
}

const LIST_TEXTS = `(() => {
  const parse = (value) => { const n = value.match(/[\\d.]+/g).map(Number); return n.length === 3 ? [...n, 1] : n; };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    const element = walker.currentNode.parentElement;
    if (text === '' || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (element.closest('noscript, .spoken, [aria-hidden=true]')) continue;
    const style = getComputedStyle(element);
    let behind = element;
    while (behind && parse(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
    found.push({
      text: text.slice(0, 60),
      colour: parse(style.color),
      background: parse(getComputedStyle(behind ?? document.documentElement).backgroundColor),
      sizePx: parseFloat(style.fontSize),
      weight: Number(style.fontWeight),
    });
  }
  return found;
})()`;

/** Lists every visible text with its colour and its background. */
export function listTexts(page: Page): Promise<PaintedText[]> {
  return page.evaluate<PaintedText[]>(LIST_TEXTS);
}

/** WCAG 2.2 contrast ratio, from 1 to 21. */
export function computeContrast(a: readonly number[], b: readonly number[]): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: readonly number[]): number {
  const [r, g, b] = colour.slice(0, 3).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Measures by how many pixels the page is wider than its window. */
export function measureOverflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** Names the focused element: its id, else its class, else its tag. */
export function readFocus(page: Page): Promise<string> {
  return page.evaluate<string>(
    'document.activeElement.id || document.activeElement.className || document.activeElement.tagName',
  );
}

export interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** Runs axe-core with all its rules for WCAG 2.2 A and AA and its best practices, and returns the violations. */
export async function runAxe(page: Page): Promise<AxeViolation[]> {
  await page.evaluate(AXE);
  return page.evaluate<AxeViolation[]>(
    'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => ({ html })) })))',
  );
}
