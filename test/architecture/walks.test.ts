// Checks the walks of ARCHITECTURE.md: the files that one article, or one number, passes through. Each list is compared
// with the imports, so that walks stay short and the page stays correct.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { floorOf, isDoor, listImports, repositoryRoot, roomOf } from './source-imports.ts';

/** The maximum number of files in each walk. */
const LIMITS: Readonly<Record<string, number>> = {
  'an article from POST /news/ to its logits': 10,
  'a learning rate from YAML to the weight update': 12,
};
const MAX_STEPS_UP = 1;

const page = readFileSync(join(repositoryRoot, 'ARCHITECTURE.md'), 'utf8');
const walks = [...page.matchAll(/^## Walk: (.+)\n([\s\S]*?)(?=^## |(?![\s\S]))/gm)].map(([, title, text]) => {
  const entries = [...text!.matchAll(/^\d+\. `([^`]+)`(.*)/gm)];
  return {
    title: title!,
    files: entries.map(([, file]) => file!),
    /** Files whose description says that the next file calls or implements them, instead of the other way round. */
    handedOver: entries.filter(([, , words]) => /\b(port|returned)\b/.test(words!)).map(([, file]) => file!),
  };
});
const floors = [
  ...page
    .split('| floor |')[1]!
    .split('\n\n')[0]!
    .matchAll(/^\| ([\w-]+) \|/gm),
].map(([, floor]) => floor!);
const imports = listImports().filter(({ isTest, isPackage }) => !isTest && !isPackage);

describe('the walks of ARCHITECTURE.md', () => {
  it('are those whose length is limited', () => {
    expect(walks.map(({ title }) => title).sort()).toEqual(Object.keys(LIMITS).sort());
  });

  it.each(walks)(
    '$title: names at least three files, all there, no more than its limit',
    ({ title, files }) => {
      expect(files.filter((file) => !existsSync(pathOf(file)))).toEqual([]);
      expect(files.length).toBeGreaterThanOrEqual(3);
      expect(files.length).toBeLessThanOrEqual(LIMITS[title]!);
    },
  );

  it.each(walks)('$title: each file knows the next', ({ files, handedOver }) => {
    const holds = ([from, to]: Step): boolean =>
      isConfiguration(from) || knows(from, to) || (handedOver.includes(from) && knows(to, from));
    const broken = listSteps(files).filter((step) => !holds(step));
    expect(broken.map(([from, to]) => `${from} -> ${to}`)).toEqual([]);
  });

  it.each(walks)('$title: goes up a floor at most once', ({ files }) => {
    const level = (file: string): number => floors.indexOf(floorOf(roomOf(file)));
    const steps = listSteps(files.filter((file) => !isConfiguration(file)));
    const up = steps.filter(([from, to]) => level(to) < level(from));
    expect(up.length, up.join(', ')).toBeLessThanOrEqual(MAX_STEPS_UP);
  });
});

/**
 * Does a file know another? It imports it; or it imports a name of it through the door of its room (perhaps a type alone,
 * for an object that is passed in); or both import the contract of a worker thread and exchange its messages.
 */
function knows(from: string, to: string): boolean {
  const own = imports.filter((one) => one.from === from);
  const contracts = imports.filter((one) => one.from === to).map((one) => one.to);
  return own.some(
    (one) =>
      one.to === to ||
      (isDoor(one.to) && one.names.some((name) => isExportedBy(one.to, to, name))) ||
      (one.to.endsWith('-contract.ts') && contracts.includes(one.to)),
  );
}

/** Does a door re-export a name of this file? */
function isExportedBy(door: string, file: string, name: string): boolean {
  return imports.some(
    (one) => one.isReexport && one.from === door && one.to === file && one.names.includes(name),
  );
}

/** A file of configs/, where a walk may begin: it is read, not imported. */
function isConfiguration(file: string): boolean {
  return file.startsWith('configs/');
}

function pathOf(file: string): string {
  return isConfiguration(file) ? join(repositoryRoot, file) : join(repositoryRoot, 'src', file);
}

type Step = readonly [from: string, to: string];

function listSteps(files: readonly string[]): Step[] {
  return files.slice(1).map((file, index) => [files[index]!, file]);
}
